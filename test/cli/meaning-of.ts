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
