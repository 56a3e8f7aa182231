// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";

/** How long a contract gives a call. A streaming response: until its first message, which cannot come after the stream ends. */
export function contractTimeoutMs({ kind, responseTimeoutMs, streamMaxDurationMs }: MethodPolicy): number | undefined {
  if (kind === "client_streaming" || streamMaxDurationMs === undefined) {
    return responseTimeoutMs;
  }
  return Math.min(responseTimeoutMs ?? Number.POSITIVE_INFINITY, streamMaxDurationMs);
}
