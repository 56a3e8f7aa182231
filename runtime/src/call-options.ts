// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, type ContextKey, createContextKey, createContextValues } from "@connectrpc/connect";

const singleAttempt: ContextKey<boolean> = createContextKey(false, { description: "talaria: make one attempt only" });

/**
 * Call options with which a call makes one attempt, whatever its contract says of retry and hedging: for a caller that
 * retries by itself, since retries of two layers multiply.
 *
 * ```ts
 * await orders.getOrder({ id }, withoutRetry());
 * ```
 */
export function withoutRetry(options: CallOptions = {}): CallOptions {
  const contextValues = options.contextValues ?? createContextValues();
  return { ...options, contextValues: contextValues.set(singleAttempt, true) };
}

/** Whether a call may make one attempt only. */
export function isSingleAttempt({ contextValues }: CallOptions): boolean {
  return contextValues?.get(singleAttempt) ?? false;
}
