// SPDX-License-Identifier: Apache-2.0

/** Whose limit it is that ends the call first. */
export type DeadlineSource = "caller" | "inherited" | "contract";

/**
 * How long a call may take: the shortest of its limits, so a caller can shorten the contract's time and never lengthen
 * it. Not below 0; `Infinity` when there is no limit.
 *
 * @param callerMs What the caller asked for. 0 or less: nothing.
 * @param inheritedMs What is left of the deadline of the call being served. 0 or less: it has passed.
 * @param contractMs What the contract allows. 0: no limit.
 */
export function effectiveTimeoutMs(
  callerMs: number | undefined,
  inheritedMs: number | undefined,
  contractMs: number | undefined,
): number {
  let timeoutMs = Number.POSITIVE_INFINITY;
  if (contractMs !== undefined && contractMs > 0) timeoutMs = contractMs;
  if (inheritedMs !== undefined && inheritedMs < timeoutMs) timeoutMs = Math.max(0, inheritedMs);
  // A caller without types may give a bigint, which is refused later and must not throw here.
  if (callerMs !== undefined && callerMs > 0 && callerMs < timeoutMs) timeoutMs = Number(callerMs);
  return timeoutMs;
}

/**
 * Who set the limit that {@link effectiveTimeoutMs} returns; `undefined` when there is none. Among equals it is the
 * contract, then the inherited deadline: only a limit that is shorter than the contract's excuses the server.
 */
export function deadlineSource(
  callerMs: number | undefined,
  inheritedMs: number | undefined,
  contractMs: number | undefined,
): DeadlineSource | undefined {
  const timeoutMs = effectiveTimeoutMs(callerMs, inheritedMs, contractMs);
  if (timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  if (timeoutMs > 0 && timeoutMs === contractMs) return "contract";
  return inheritedMs !== undefined && inheritedMs <= timeoutMs ? "inherited" : "caller";
}
