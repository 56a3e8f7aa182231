// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import type { DeadlineSource } from "../../../runtime/src/engine/deadline.ts";
import type { FailureOrigin } from "../../../runtime/src/engine/failure.ts";
import { breakerOutcome } from "../../../runtime/src/engine/outcome.ts";
import { Fields } from "../fields.ts";
import type { RunVector } from "../kind.ts";
import { readBreakerPolicy } from "../read-policy.ts";

/** What each status code means to the breaker; by default sent by the server, under the contract's deadline. */
export const runClassify: RunVector = (vector, judge) => {
  const config = vector.optional("config", vector.object) ?? new Fields({}, "config");
  const { failureStatusCodes } = readBreakerPolicy(config);
  const origin = (vector.optional("origin", vector.string) ?? "server") as FailureOrigin;
  const source = (vector.optional("deadline_set_by", vector.string) ?? "contract") as DeadlineSource;
  const expect = vector.object("expect");
  const outcomes = expect.names.map((code) => [
    code,
    breakerOutcome(code as StatusCode, origin, failureStatusCodes, source),
  ]);
  judge.compare(expect, Object.fromEntries(outcomes));
};
