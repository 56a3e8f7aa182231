// SPDX-License-Identifier: Apache-2.0

/** The candidate that a mistyped word most likely means; undefined when none is close. */
function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const from = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(5, Math.max(3, Math.ceil(word.length / 4)));
  for (const candidate of candidates) {
    const distance = editDistance(from, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Appends the suggestion as a sentence, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>, write = (name: string): string => name): string {
  const found = suggest(word, candidates);
  return found === undefined ? "" : ` Did you mean ${write(found)}?`;
}

/** How many letters must be added, removed or replaced. Once it is known to reach the limit, the limit. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) {
    return limit;
  }
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    let least = line;
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      const cell = Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1);
      next.push(cell);
      least = Math.min(least, cell);
    }
    if (least >= limit) {
      return limit;
    }
    row = next;
  }
  return row[to.length] ?? limit;
}
