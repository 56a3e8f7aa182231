// SPDX-License-Identifier: Apache-2.0
// What a breaker costs an attempt: node --conditions=talaria-source bench/breaker.ts
import type { CircuitBreaker } from "@talaria/contract";
import { Breaker, refused } from "../runtime/src/engine/breaker.ts";
import type { Outcome } from "../runtime/src/engine/outcome.ts";

const policy: CircuitBreaker = {
  enabled: true,
  scope: "METHOD",
  failureRateThreshold: 0.5,
  minimumRequestThreshold: 10,
  counterSlidingWindowMs: 20_000,
  counterUpdateIntervalMs: 1_000,
  circuitOpenWindowMs: 10_000,
  openWindowJitter: 0.2,
  trialRequestIntervalMs: 3_000,
  trialRequests: 1,
  slowCallDurationMs: 500,
  slowCallRateThreshold: 0.9,
  failureStatusCodes: ["UNAVAILABLE"],
};

/**
 * The times of attempts, over more than one window. They lie ready as objects, in an array that holds not only numbers,
 * since a number with a fraction that is made on the way to a function is an allocation of its own: 16 bytes.
 */
const lap = 100_000;
const moments: readonly unknown[] = ["", ...Array.from({ length: lap }, (_, index) => index * 0.25 + 0.125)];

/** Makes `count` attempts, of which one in `failEvery` fails. Time begins again with each lap. */
function attempts(breaker: Breaker, count: number, failEvery: number): void {
  for (let i = 0; i < count; i++) {
    const nowMs = moments[1 + (i % lap)] as number;
    if (i % lap === 0 && breaker.state === "CLOSED") breaker.enter("CLOSED", nowMs);
    const permit = breaker.tryAcquire(nowMs);
    if (permit === refused) continue;
    const outcome: Outcome = i % failEvery === 0 ? "failure" : "success";
    breaker.onResult(permit, outcome, 2.5, nowMs);
  }
}

/** The fastest of `rounds`: what the machine does besides only ever adds. */
function nanosPerAttempt(run: (count: number) => void, rounds = 15, count = 2_000_000): number {
  run(count);
  const times = Array.from({ length: rounds }, () => {
    const startedAtMs = performance.now();
    run(count);
    return ((performance.now() - startedAtMs) * 1e6) / count;
  });
  return Math.min(...times);
}

/** The median growth of the heap over short rounds, less what looking at it costs. */
function bytesPerAttempt(run: (count: number) => void, rounds = 101, count = 20_000): number {
  const growth = (size: number): number => {
    const sizes = Array.from({ length: rounds }, () => {
      const before = process.memoryUsage().heapUsed;
      run(size);
      return process.memoryUsage().heapUsed - before;
    });
    return sizes.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  };
  return Math.max(0, growth(count) - growth(0)) / count;
}

function measure(name: string, breaker: Breaker, failEvery: number): void {
  const run = (count: number): void => attempts(breaker, count, failEvery);
  const nanos = nanosPerAttempt(run);
  const bytes = bytesPerAttempt(run);
  console.log(`${name.padEnd(34)} ${nanos.toFixed(1).padStart(6)} ns  ${bytes.toFixed(2).padStart(6)} bytes`);
}

console.log(`${"acquire and result of one attempt".padEnd(34)} ${"time".padStart(9)}  ${"heap".padStart(12)}`);
measure("closed, all succeed", new Breaker(policy, Math.random), Number.POSITIVE_INFINITY);
measure("closed, one in ten fails", new Breaker(policy, Math.random), 10);
const open = new Breaker(policy, Math.random);
open.force("OPEN", 0);
measure("open, refused", open, Number.POSITIVE_INFINITY);
