// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { BreakerSnapshot } from "./breaker.ts";
import { describeRefusal } from "./describe-refusal.ts";

const open: BreakerSnapshot = {
  state: "OPEN",
  forced: false,
  total: 50,
  failures: 31,
  slow: 0,
  windowMs: 20_000,
  slowCallDurationMs: undefined,
  trip: { kind: "failures", count: 31, total: 50, threshold: 0.5 },
  openWindowMs: 10_000,
  nextTrialInMs: 7400,
};

test.each<[string, Partial<BreakerSnapshot>]>([
  ["31 of 50 attempts failed (62 % >= 50 %) in 20 s; next trial in 7.4 s", {}],
  [
    "9 of 12 attempts took longer than 800 ms (75 % >= 66.7 %) in 20 s; next trial in 7.4 s",
    { slowCallDurationMs: 800, trip: { kind: "slow_calls", count: 9, total: 12, threshold: 2 / 3 } },
  ],
  [
    "1 of 1 trials failed (100 % >= 50 %); next trial in 7.4 s",
    { trip: { kind: "failed_trials", count: 1, total: 1, threshold: 0.5 } },
  ],
  [
    "2 of 3 trials took longer than 1.5 s (66.7 % >= 50 %); next trial in 7.4 s",
    { slowCallDurationMs: 1500, trip: { kind: "slow_trials", count: 2, total: 3, threshold: 0.5 } },
  ],
  [
    "31 of 50 attempts failed (62 % >= 50 %) in 20 s; trial running, next trial in 2.1 s",
    { state: "HALF_OPEN", nextTrialInMs: 2100 },
  ],
  [
    "opened by hand; no trial until it is released",
    { forced: true, trip: { kind: "by_hand" }, nextTrialInMs: Number.POSITIVE_INFINITY },
  ],
])("circuit breaker open for shop.v1.Orders/Get: %s", (text, changes) => {
  const refusal = describeRefusal({ ...open, ...changes }, "shop.v1.Orders/Get");
  expect(refusal).toBe(`circuit breaker open for shop.v1.Orders/Get: ${text}`);
});
