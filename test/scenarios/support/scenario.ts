// SPDX-License-Identifier: Apache-2.0

/** Something a scenario looked at. */
export interface Finding {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly passed: boolean;
}

/** A play with real servers, real sockets and a real DNS server, that shows what clients do. */
export interface Scenario {
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly shows: string;
  /** Plays it. The short form takes a few seconds, and is part of the test suite. */
  run(length: "short" | "full"): Promise<readonly Finding[]>;
}

/** Something that has to be exactly so. */
export function exactly(what: string, expected: unknown, seen: unknown): Finding {
  return { what, expected: String(expected), seen: String(seen), passed: String(expected) === String(seen) };
}

/** A number that may be so large at most. */
export function atMost(what: string, limit: number, seen: number, unit = ""): Finding {
  return { what, expected: `<= ${limit}${unit}`, seen: `${round(seen)}${unit}`, passed: seen <= limit };
}

/** A number that has to be so large at least. */
export function atLeast(what: string, limit: number, seen: number, unit = ""): Finding {
  return { what, expected: `>= ${limit}${unit}`, seen: `${round(seen)}${unit}`, passed: seen >= limit };
}

/** Something shown for comparison. */
export function shown(what: string, seen: string): Finding {
  return { what, expected: "(for comparison)", seen, passed: true };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Waits until something holds, looking every 20 ms. Resolves with how long it took; rejects after `timeoutMs`. */
export async function until(what: string, holds: () => boolean, timeoutMs = 10_000): Promise<number> {
  const startedAtMs = performance.now();
  while (!holds()) {
    if (performance.now() - startedAtMs > timeoutMs) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    }
    await pause(20);
  }
  return performance.now() - startedAtMs;
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Writes findings as lines: `ok`, or `FAILED`, what was expected and what was seen. */
export function formatFindings(scenario: Scenario, findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.map(
    ({ what, expected, seen, passed }) =>
      `  ${passed ? "ok    " : "FAILED"}  ${what.padEnd(width)}  expected ${expected}, seen ${seen}`,
  );
  return [`${scenario.name}: ${scenario.shows}`, ...lines].join("\n");
}
