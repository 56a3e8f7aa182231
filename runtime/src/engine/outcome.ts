// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import type { DeadlineSource } from "./deadline.ts";
import { type FailureOrigin, policyCode } from "./failure.ts";

/** What an attempt means for the circuit breaker. */
export type Outcome = "success" | "failure" | "ignore";

/**
 * What the end of an attempt means for the circuit breaker: whether it says that the server is well, unwell, or nothing.
 *
 * @param code The status; OK for a success, and for a stream at its first message.
 * @param origin Where it came from.
 * @param failureStatusCodes The codes that the policy counts as failure.
 * @param deadlineSource Who set the deadline of the call.
 */
export function breakerOutcome(
  code: StatusCode,
  origin: FailureOrigin,
  failureStatusCodes: readonly StatusCode[],
  deadlineSource?: DeadlineSource | undefined,
): Outcome {
  if (origin === "cancelled" || origin === "breaker" || origin === "local") return "ignore";
  const effective = policyCode(code, origin);
  if (effective === "CANCELLED") return "ignore";
  if (effective === "DEADLINE_EXCEEDED" && origin !== "attempt_timeout" && isShortened(deadlineSource)) return "ignore";
  if (failureStatusCodes.includes(effective)) return "failure";
  return effective === "RESOURCE_EXHAUSTED" ? "ignore" : "success";
}

/**
 * A server that was given less time than its contract says has not failed. That holds for its own DEADLINE_EXCEEDED too:
 * it learned the shorter deadline from `grpc-timeout` and often answers before our timer fires.
 */
function isShortened(source: DeadlineSource | undefined): boolean {
  return source === "caller" || source === "inherited";
}
