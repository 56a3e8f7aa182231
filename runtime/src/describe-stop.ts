// SPDX-License-Identifier: Apache-2.0
import type { Code } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import { describeTimeout } from "./describe-timeout.ts";
import { formatMs } from "./engine/format.ts";
import type { NoRetryReason } from "./engine/retry.ts";
import type { AttemptRecord } from "./error.ts";
import { departureOf, describeDeparture } from "./overrides/departure.ts";
import { currentOverrides } from "./overrides/process-overrides.ts";
import type { GuardedCall } from "./pipeline.ts";
import { replayLimitBytes } from "./request-stream.ts";
import { statusCodeName } from "./status-code.ts";

/** Why no further attempt was made, as part of the error; empty when there is nothing to say. */
export function describeStop(call: GuardedCall, why: NoRetryReason | undefined, code: Code): string {
  switch (why) {
    case "attempts_exhausted":
      return `after ${call.attempts} attempts: ${call.failed.map(describeAttempt).join(", ")}`;
    case "no_retry":
      return describeCap(call);
    case "committed":
      return mightBeTriedAgain(call.policy, code) ? describeCommitment(call) : "";
    case "may_have_run":
      return (
        "not tried again: the server may have executed the request; " +
        `\`option idempotency_level = IDEMPOTENT\` on ${call.method.name} would allow a second time`
      );
    case "throttled":
      return "not tried again: too many calls to this target fail, its retry throttling allows no more";
    case "no_time":
      return `not tried again: the next attempt would start after ${describeTimeout(call).replace(/,$/, "")}`;
    case "breaker":
      return call.method.breakerHeld === "open"
        ? `not tried again: an override of this process (${currentOverrides()?.reason}) holds the circuit breaker open`
        : "not tried again: the circuit breaker has opened";
    case "pushback":
      return "not tried again: the server asked for that with grpc-retry-pushback-ms";
    default:
      return "";
  }
}

function describeCap({ policy }: GuardedCall): string {
  const departure = departureOf(policy, "maxAttempts");
  // One that allows more is not what stopped it: the caller wanted one attempt.
  return departure?.settings.maxAttempts === 1
    ? `not tried again: ${describeDeparture(departure)} allows 1 attempt`
    : "";
}

/** Whether the contract has such a failure tried again, as long as nothing stands against it. */
function mightBeTriedAgain({ retry, hedging }: MethodPolicy, code: Code): boolean {
  const name = statusCodeName(code);
  return hedging === undefined
    ? retry !== undefined && retry.maxAttempts > 1 && retry.retryableStatusCodes.includes(name)
    : hedging.nonFatalStatusCodes.includes(name);
}

function describeCommitment(call: GuardedCall): string {
  return call.responseStarted
    ? "not tried again, committed: a response message had already reached the caller"
    : `not tried again, committed: the request messages exceed the ${formatBytes(replayLimitBytes)} that are kept for a further attempt`;
}

function formatBytes(bytes: number): string {
  return `${bytes / (1024 * 1024)} MiB`;
}

function describeAttempt({ peer, code, durationMs }: AttemptRecord): string {
  return `${code}${peer === undefined ? "" : ` from ${peer}`} after ${formatMs(durationMs)}`;
}
