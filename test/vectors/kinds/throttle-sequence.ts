// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import { VirtualClock } from "@talaria/runtime/testing";
import { RetryThrottle } from "../../../runtime/src/engine/retry-throttle.ts";
import type { Fields } from "../fields.ts";
import type { RunVector } from "../kind.ts";
import { makeCall } from "../make-call.ts";
import { readRetryPolicy, readRetryThrottling } from "../read-policy.ts";
import { scriptedRandom } from "../scripted-random.ts";
import { answerWith, type RequestScript } from "../scripted-server.ts";

/** Calls one after another on one bucket. Attempts are numbered over all of them. */
export const runThrottleSequence: RunVector = async (vector, judge) => {
  const config = vector.object("config");
  const retry = readRetryPolicy(config);
  const throttle = new RetryThrottle(readRetryThrottling(config));
  const server = readResults(vector.object("server_results_by_attempt_index"));
  const clock = new VirtualClock();
  let made = 0;
  for (const expect of vector.objects("expect")) {
    const before = made;
    const setup = { clock, random: scriptedRandom(), retry, throttle };
    const call = await makeCall({ ...setup, server: (index) => server(before + index) });
    made += call.starts.length;
    judge.compare(expect, { final: call.final, last_attempt_index: made - 1, tokens_after: throttle.tokens });
  }
};

/** Lists of attempt numbers by status code, and a code for all the others. */
function readResults(fields: Fields): RequestScript {
  const codes = new Map<number, StatusCode>();
  for (const code of fields.names.filter((name) => name !== "otherwise")) {
    for (const index of fields.numbers(code)) codes.set(index, code as StatusCode);
  }
  const otherwise = fields.string("otherwise") as StatusCode;
  return (index) => answerWith(codes.get(index) ?? otherwise);
}
