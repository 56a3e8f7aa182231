// SPDX-License-Identifier: Apache-2.0

/** Headers as Node.js has them in `request.headers`. */
export type HeaderRecord = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** What headers are made of: what `new Headers()` takes, or what Node.js gives. */
export type HeaderSource = ConstructorParameters<typeof Headers>[0] | HeaderRecord;

/** Makes headers. Those of HTTP/2 itself, as `:path`, are none of the application. */
export function readHeaders(source: HeaderSource): Headers {
  if (source === undefined || source instanceof Headers || Symbol.iterator in source) {
    return new Headers(source);
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(source)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value !== undefined && !name.startsWith(":")) {
        headers.append(name, String(value));
      }
    }
  }
  return headers;
}
