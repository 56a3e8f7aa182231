// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { Suspicion, suspicionRules } from "./suspicion.ts";

const { timeouts, intervalMs } = suspicionRules;

/** Lets so many calls run out of time, and says how many pings that is. */
function runOut(suspicion: Suspicion, count: number, bytesRead: number, nowMs: number): number {
  return Array.from({ length: count }, () => suspicion.onTimeout(bytesRead, nowMs)).filter(Boolean).length;
}

describe("a connection is pinged", () => {
  test("when three calls in a row run out of time and nothing was received", () => {
    const suspicion = new Suspicion();
    expect(runOut(suspicion, timeouts - 1, 100, 0)).toBe(0);
    expect(suspicion.onTimeout(100, 0)).toBe(true);
  });

  test("not while anything is received between them", () => {
    const suspicion = new Suspicion();
    for (let bytesRead = 0; bytesRead < 20; bytesRead += 1) {
      expect(runOut(suspicion, timeouts - 1, bytesRead, 0)).toBe(0);
    }
  });

  test("at most once in 30 s, even if the ping could not be sent", () => {
    const suspicion = new Suspicion();
    expect(runOut(suspicion, timeouts, 0, 0)).toBe(1);
    expect(runOut(suspicion, 100, 0, intervalMs - 1)).toBe(0);
    expect(runOut(suspicion, 1, 0, intervalMs)).toBe(1);
  });

  test("once until the next response, whatever else is received, such as answers to the pings of keepalive", () => {
    const suspicion = new Suspicion();
    expect(runOut(suspicion, timeouts, 0, 0)).toBe(1);
    suspicion.onAnswer(17);
    for (let minute = 1; minute <= 60; minute += 1) {
      expect(runOut(suspicion, 100, 17 * minute, 60_000 * minute)).toBe(0);
    }
    suspicion.onResponse();
    expect(runOut(suspicion, timeouts, 17 * 61, 60_000 * 61)).toBe(1);
  });

  test("again 30 s after the last one, when responses come between", () => {
    const suspicion = new Suspicion();
    expect(runOut(suspicion, timeouts, 0, 0)).toBe(1);
    suspicion.onAnswer(17);
    suspicion.onResponse();
    expect(runOut(suspicion, timeouts, 100, intervalMs - 1)).toBe(0);
    expect(runOut(suspicion, 1, 100, intervalMs)).toBe(1);
  });
});
