// SPDX-License-Identifier: Apache-2.0
import {
  type CallOptions,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
} from "@connectrpc/connect";

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
  return {
    ...options,
    contextValues: overlay(options.contextValues ?? createContextValues()).set(singleAttempt, true),
  };
}

/** Values that start as those given, and can be set without those being changed: callers keep theirs for other calls. */
export function overlay(below: ContextValues): ContextValues {
  const own = createContextValues();
  const changed = new Set<symbol>();
  const values: ContextValues = {
    get: (key) => (changed.has(key.id) ? own : below).get(key),
    set(key, value) {
      changed.add(key.id);
      own.set(key, value);
      return values;
    },
    delete(key) {
      changed.add(key.id);
      own.delete(key);
      return values;
    },
  };
  return values;
}

/** Whether a call may make one attempt only. */
export function isSingleAttempt({ contextValues }: CallOptions): boolean {
  // What has no `get` is refused when the call starts.
  return contextValues?.get?.(singleAttempt) ?? false;
}
