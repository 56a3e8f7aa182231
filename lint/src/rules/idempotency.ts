// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";

/** Whether a call can be executed twice without harm, as far as the `.proto` says. */
export function isIdempotent({ idempotencyLevel }: MethodPolicy): boolean {
  return idempotencyLevel !== "IDEMPOTENCY_UNKNOWN";
}

/** Whether a failed call is tried again at all. */
export function retries({ retry }: MethodPolicy): boolean {
  return retry !== undefined && retry.maxAttempts > 1;
}
