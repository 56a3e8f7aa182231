// SPDX-License-Identifier: Apache-2.0
import { baseBackoffMs } from "../../../runtime/src/engine/backoff.ts";
import type { RunVector } from "../kind.ts";
import { readRetryPolicy } from "../read-policy.ts";

/** The delays before retries, before they are varied. */
export const runBackoffBase: RunVector = (vector, judge) => {
  const policy = readRetryPolicy(vector.object("config"));
  const expect = vector.object("expect");
  const count = expect.list("base_delays_millis").length;
  const delays = Array.from({ length: count }, (_, index) => baseBackoffMs(policy, index + 1));
  judge.compare(expect, { base_delays_millis: delays });
};
