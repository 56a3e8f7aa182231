// SPDX-License-Identifier: Apache-2.0
import { error, type Finding, type PolicyScope, warning } from "./finding.ts";

/** Checks that hedging is safe for a method, and can take place. */
export function checkHedging({ policy, isSet }: PolicyScope): readonly Finding[] {
  const { hedging, idempotencyLevel, responseTimeoutMs } = policy;
  if (hedging === undefined) {
    return [];
  }
  const findings: Finding[] = idempotencyLevel === "IDEMPOTENCY_UNKNOWN" ? [notIdempotent] : [];
  if (!isSet("hedging.hedging_delay_millis")) {
    return [...findings, delayMissing];
  }
  if (responseTimeoutMs === undefined || responseTimeoutMs < 1) {
    return findings;
  }
  const { hedgingDelayMs, maxAttempts, nonFatalStatusCodes } = hedging;
  const fitting = Math.min(maxAttempts, Math.ceil(responseTimeoutMs / hedgingDelayMs));
  if (fitting === 1 && nonFatalStatusCodes.length === 0) {
    return [...findings, neverSent(hedgingDelayMs, responseTimeoutMs)];
  }
  return fitting < maxAttempts
    ? [...findings, someNeverSent(maxAttempts, fitting, hedgingDelayMs, responseTimeoutMs)]
    : findings;
}

const notIdempotent = error(
  "hedging-not-idempotent",
  ["hedging"],
  "Hedging sends further copies of a call that is still running, so the server may execute it several times, and this " +
    "method does not say that this is harmless. Set option idempotency_level = IDEMPOTENT or NO_SIDE_EFFECTS if it is, or " +
    "remove hedging.",
);

const delayMissing = error(
  "hedging-delay-missing",
  ["hedging"],
  "hedging has no hedging_delay_millis, and without one all copies would be sent at once. Set it to the time within which " +
    "most calls have answered, e.g. their 95th percentile, in milliseconds.",
);

function neverSent(delayMs: number, timeoutMs: number): Finding {
  return error(
    "hedging-unreachable",
    ["hedging.hedging_delay_millis", "response_timeout_millis"],
    `No second copy is ever sent: it waits ${delayMs} ms (hedging.hedging_delay_millis), and the call ends after ` +
      `${timeoutMs} ms (response_timeout_millis). Lower the delay, raise the timeout, or remove hedging.`,
  );
}

function someNeverSent(maxAttempts: number, fitting: number, delayMs: number, timeoutMs: number): Finding {
  return warning(
    "hedging-partly-unreachable",
    ["hedging.hedging_delay_millis", "hedging.max_attempts", "response_timeout_millis"],
    `Only ${fitting} of ${maxAttempts} copies fit in ${timeoutMs} ms (response_timeout_millis): with ` +
      `hedging.hedging_delay_millis ${delayMs} ms, copy ${fitting + 1} would be sent after ${fitting * delayMs} ms. ` +
      "Lower hedging.max_attempts or the delay, or raise the timeout.",
  );
}
