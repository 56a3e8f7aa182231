// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, type ContextKey, createContextKey, createContextValues } from "@connectrpc/connect";
import { overlay } from "../call-options.ts";
import { propagatedHeaders } from "../configure.ts";
import type { UnaryEnd } from "../wire.ts";
import { currentCallScope, signalsOf } from "./call-scope.ts";

/** What interceptors around a call add to its options. */
export interface InnerCallOptions extends CallOptions {
  /** How long ago the call was made, in milliseconds: its time runs since then. Default: it is made now. */
  readonly elapsedMs?: number;
  /** Its time was up before interceptors let it in: it fails, and nothing is sent. */
  readonly isLate?: boolean;
  /** Hears of the answer to a unary call. Its headers are built when they are asked for. */
  readonly onAnswer?: (answer: Pick<UnaryEnd, "header" | "trailer">) => void;
  /** Hears of the end of a streaming call, however it ends. */
  readonly onEnd?: () => void;
}

/** The options of a call, with what it takes over from the scope that it is made in. */
export interface ScopedCallOptions extends InnerCallOptions {
  /** What was left of the deadline of the call being served when this call was made, in milliseconds. */
  readonly inheritedTimeoutMs?: number;
  /** What cancels the work that this call is made for, besides the caller's own `signal`. */
  readonly scopeSignals?: readonly AbortSignal[];
}

const outOfScope: ContextKey<boolean> = createContextKey(false, {
  description: "talaria: take nothing from the scope",
});

/**
 * Call options with which a call takes nothing over from the scope it is made in: no deadline, no cancellation, no headers.
 * For work that outlives the call being served.
 *
 * ```ts
 * void audit.record(event, withoutScope());
 * ```
 */
export function withoutScope(options: CallOptions = {}): CallOptions {
  const contextValues = overlay(options.contextValues ?? createContextValues()).set(outOfScope, true);
  return { ...options, contextValues };
}

/**
 * The options of a call made now: the caller's, and what the scope adds.
 *
 * @param allowedHeaders The headers that are passed on beside those that the contract requires.
 */
export function scopedOptions(
  options: InnerCallOptions,
  requiredHeaders: readonly string[],
  allowedHeaders: readonly string[] = propagatedHeaders(),
): ScopedCallOptions {
  const scope = currentCallScope();
  // What are no options, or no context values, is refused when the call starts.
  if (scope === undefined || typeof options !== "object" || options.contextValues?.get?.(outOfScope)) {
    return options;
  }
  const headers = passOn(scope.headers, [...allowedHeaders, ...requiredHeaders], options.headers);
  const scopeSignals = signalsOf(scope).filter((signal) => signal !== options.signal);
  return {
    ...options,
    ...(headers && { headers }),
    ...(scopeSignals.length > 0 && { scopeSignals }),
    ...(scope.deadlineAtMs !== undefined && {
      inheritedTimeoutMs: scope.deadlineAtMs - performance.now() + (options.elapsedMs ?? 0),
    }),
  };
}

/** The allowed headers of the scope, under those of the caller. */
function passOn(
  from: Headers,
  names: readonly string[],
  own: CallOptions["headers"],
): CallOptions["headers"] | undefined {
  let headers: Headers | undefined;
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) {
      try {
        headers ??= new Headers(own);
      } catch {
        // The call itself says what is wrong with them.
        return own;
      }
      if (!headers.has(name)) {
        headers.set(name, value);
      }
    }
  }
  return headers ?? own;
}
