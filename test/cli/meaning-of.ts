// SPDX-License-Identifier: Apache-2.0
import type { ConfigDuration, ParsedMethodConfig } from "@talaria/contract";

/**
 * What an entry makes a client do, as text to compare: everything it says, durations to the nanosecond, codes in one
 * order. An entry that is absent says as much as an empty one.
 */
export function meaningOf(entry: ParsedMethodConfig | undefined): string {
  const { timeout, waitForReady = false, retryPolicy, hedgingPolicy } = entry ?? {};
  const { maxRequestMessageBytes, maxResponseMessageBytes } = entry ?? {};
  return JSON.stringify({
    timeout: nanos(timeout),
    waitForReady,
    maxRequestMessageBytes,
    maxResponseMessageBytes,
    retry: retryPolicy && {
      ...retryPolicy,
      initialBackoff: nanos(retryPolicy.initialBackoff),
      maxBackoff: nanos(retryPolicy.maxBackoff),
      retryableStatusCodes: retryPolicy.retryableStatusCodes?.toSorted(),
    },
    hedging: hedgingPolicy && {
      ...hedgingPolicy,
      hedgingDelay: nanos(hedgingPolicy.hedgingDelay),
      nonFatalStatusCodes: hedgingPolicy.nonFatalStatusCodes.toSorted(),
    },
  });
}

function nanos(duration: ConfigDuration | undefined): string | undefined {
  return duration && (BigInt(duration.seconds) * 1_000_000_000n + BigInt(duration.nanos)).toString();
}

/** What the importer says it does about an error, done to the original. */
type Repair = (entry: ParsedMethodConfig) => ParsedMethodConfig;

/** By the codes of the report. */
export const repairs: ReadonlyMap<string, Repair> = new Map<string, Repair>([
  [
    "max-attempts-missing",
    ({ retryPolicy, ...rest }) => ({ ...rest, retryPolicy: { maxAttempts: 5, ...retryPolicy } }),
  ],
  [
    "max-attempts-clamped",
    ({ retryPolicy, ...rest }) => ({ ...rest, retryPolicy: { ...retryPolicy, maxAttempts: 5 } }),
  ],
  ["no-retryable-codes", ({ retryPolicy: _, ...rest }) => rest],
  ["retry-unreachable", ({ retryPolicy: _, ...rest }) => rest],
  [
    "backoff-order",
    ({ retryPolicy = {}, ...rest }) => ({
      ...rest,
      retryPolicy: { ...retryPolicy, ...(retryPolicy.maxBackoff && { initialBackoff: retryPolicy.maxBackoff }) },
    }),
  ],
  [
    "status-code-ok",
    ({ retryPolicy = {}, ...rest }) => {
      const codes = retryPolicy.retryableStatusCodes?.filter((code) => code !== "OK") ?? [];
      return { ...rest, retryPolicy: { ...retryPolicy, retryableStatusCodes: codes } };
    },
  ],
  ["hedging-not-idempotent", ({ hedgingPolicy: _, ...rest }) => rest],
  ["time-not-whole", (entry) => ({ ...entry, timeout: { seconds: 0, nanos: 1_000_000 } })],
  ["time-too-long", (entry) => ({ ...entry, timeout: { seconds: 2_147_483, nanos: 647_000_000 } })],
  ["timeout-zero", ({ timeout: _, ...rest }) => rest],
  ["message-size", ({ maxResponseMessageBytes: _, ...rest }) => rest],
  ["wait-for-ready-without-timeout", ({ waitForReady: _, ...rest }) => rest],
]);

/** Mends one error. */
export function repair(entry: ParsedMethodConfig | undefined, code: string): ParsedMethodConfig | undefined {
  return entry && (repairs.get(code)?.(entry) ?? entry);
}
