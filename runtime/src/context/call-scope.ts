// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from "node:async_hooks";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { kindOf } from "../check-fields.ts";
import { unusableOption } from "../unusable-option.ts";
import { type HeaderSource, readHeaders } from "./read-headers.ts";

/** Who made the call that is being served, as its server verified it. */
export interface CallerIdentity {
  /** How it was verified. */
  readonly scheme: "bearer" | "mutual_tls";
  /** Who it is: the subject of the token, or the first name in the certificate. */
  readonly subject: string;
  /** What else the token or certificate says. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * What the work for one served call, or one job, passes on to the calls that it makes: they end with it, and carry its
 * context headers.
 */
export interface CallScope {
  /** When it ends, by `performance.now()`. Absent: never. */
  readonly deadlineAtMs?: number | undefined;
  /** Aborted when it is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Its request headers. Only those that are allowed are passed on. */
  readonly headers: Headers;
  /** Who called, when that was verified. */
  readonly caller?: CallerIdentity | undefined;
}

/** How a scope is made by hand. */
export interface CallScopeOptions {
  /** How long the work may take, in milliseconds. Absent, 0 or less: as long as it likes. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What `new Headers()` takes, or `request.headers` of a Node.js server. */
  readonly headers?: HeaderSource;
  readonly caller?: CallerIdentity | undefined;
}

const scopes = new AsyncLocalStorage<CallScope | undefined>();

/** The scope of the work under way; nothing outside of any. */
export function currentCallScope(): CallScope | undefined {
  return scopes.getStore();
}

/**
 * Does work in a scope: every guarded call made in it, however deep, takes over the scope's deadline (the shorter one
 * counts), is cancelled with it, and carries its allowed headers. Server adapters do this for each call they serve; jobs and
 * plain HTTP handlers do it by hand. A scope within a scope keeps the earlier deadline of the two.
 *
 * ```ts
 * await runInCallScope({ timeoutMs: 5000, headers: request.headers }, () => handle(request));
 * ```
 *
 * @throws ConnectError INVALID_ARGUMENT when an option is of the wrong kind, before work begins.
 */
export function runInCallScope<T>(options: CallScopeOptions, work: () => T): T {
  const unusable = unusableOption(options as CallOptions) ?? unusableCaller(options.caller);
  if (unusable !== undefined) {
    throw new ConnectError(`runInCallScope() was called with ${unusable}`, Code.InvalidArgument);
  }
  return scopes.run(createCallScope(options), work);
}

function unusableCaller(caller: unknown): string | undefined {
  return caller === undefined || typeof caller === "object"
    ? undefined
    : `a caller that is ${kindOf(caller)}; write { scheme, subject, claims }`;
}

/** Goes back into a scope, e.g. in a callback that lost it. */
export function enterCallScope<T>(scope: CallScope | undefined, work: () => T): T {
  return scopes.run(scope, work);
}

/** Makes a scope without entering it. */
export function createCallScope({ timeoutMs, signal, headers, caller }: CallScopeOptions): CallScope {
  const outer = scopes.getStore();
  const own = timeoutMs !== undefined && timeoutMs > 0 ? performance.now() + timeoutMs : undefined;
  const deadlines = [own, outer?.deadlineAtMs].filter((deadline) => deadline !== undefined);
  const scope = {
    deadlineAtMs: deadlines.length === 0 ? undefined : Math.min(...deadlines),
    headers: readHeaders(headers ?? outer?.headers),
    caller: caller ?? outer?.caller,
  };
  const signals = [...new Set([...(signal === undefined ? [] : [signal]), ...signalsOf(outer)])];
  if (signals.length < 2) {
    return { ...scope, signal: signals[0] };
  }
  let joined: AbortSignal | undefined;
  const several: CallScope = {
    ...scope,
    // Only for those who ask: calls listen to each of them, and leave nothing behind.
    get signal() {
      joined ??= AbortSignal.any(signals);
      return joined;
    },
  };
  severalSignals.set(several, signals);
  return several;
}

const severalSignals = new WeakMap<CallScope, readonly AbortSignal[]>();

/** The signals that cancel a scope, each by itself. */
export function signalsOf(scope: CallScope | undefined): readonly AbortSignal[] {
  if (scope === undefined) {
    return [];
  }
  return severalSignals.get(scope) ?? (scope.signal === undefined ? [] : [scope.signal]);
}
