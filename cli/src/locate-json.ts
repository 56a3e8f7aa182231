// SPDX-License-Identifier: Apache-2.0

/** A place in a text. Both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds where each value of a valid JSON text begins, by its path: `methodConfig[3].retryPolicy.maxAttempts`, empty for
 * the whole. The value of a property is found at its name.
 */
export function locateJson(text: string): ReadonlyMap<string, TextPlace> {
  const places = new Map<string, TextPlace>();
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)];
  let next = 0;
  let line = 0;

  const keep = (path: string, offset: number): void => {
    while ((lineStarts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) {
      line += 1;
    }
    places.set(path, { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 });
  };
  const value = (path: string): void => {
    const [token] = tokens[next++] ?? [];
    if (token === "{") {
      while (tokens[next]?.[0] !== "}") {
        const [name = '""'] = tokens[next] ?? [];
        const own = `${path === "" ? "" : `${path}.`}${JSON.parse(name)}`;
        keep(own, tokens[next]?.index ?? 0);
        next += 2;
        value(own);
        skipComma();
      }
      next += 1;
    } else if (token === "[") {
      for (let index = 0; tokens[next]?.[0] !== "]"; index++) {
        keep(`${path}[${index}]`, tokens[next]?.index ?? 0);
        value(`${path}[${index}]`);
        skipComma();
      }
      next += 1;
    }
  };
  const skipComma = (): void => {
    if (tokens[next]?.[0] === ",") {
      next += 1;
    }
  };

  keep("", tokens[0]?.index ?? 0);
  value("");
  return places;
}
