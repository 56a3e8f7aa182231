// SPDX-License-Identifier: Apache-2.0

/** The candidate that a mistyped word most likely means; undefined when none is close. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance =
      Math.abs(candidate.length - word.length) >= bestDistance ? bestDistance : editDistance(word, candidate);
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

/** How many letters must be added, removed or replaced, whatever their case. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
