// SPDX-License-Identifier: Apache-2.0
import type { Interceptor } from "@connectrpc/connect";
import { type CallHooks, observeWithHooks } from "./call-hooks.ts";
import { joinObservers } from "./join-observers.ts";
import type { MethodObserver, ObservedMethod, Telemetry } from "./observer.ts";

/** What can be added to what a contract makes of a client. It can watch calls, wrap them, and add headers; no policy changes by it. */
export interface ClientExtensions {
  /**
   * What hears of calls, attempts and breakers: `createOpenTelemetry()` of `@talaria/runtime/opentelemetry`. A client's takes
   * the place of the process's; `"off"`: none. Default: none.
   */
  readonly telemetry?: Telemetry | "off";
  /**
   * Lower-case names of the context headers that calls pass on from the scope they are made in, beside those that a contract
   * requires. Never `authorization`, `grpc-*` or hop-by-hop headers; W3C trace context is left to OpenTelemetry. A client's take
   * the place of the process's, e.g. `[]` for a callee outside of the organisation. Default: none.
   */
  readonly headers?: readonly string[];
  /** Functions that hear of calls and attempts. A client's run after the process's. Default: none. */
  readonly hooks?: CallHooks;
  /**
   * Connect interceptors. They run once per call, outside of everything that the contract demands: what one sees as a call may
   * be several attempts. The time of the contract runs from the moment the call is made, so what they take of it is the call's.
   * The first of the list is the outermost; a client's run inside the process's. Default: none.
   */
  readonly interceptors?: readonly Interceptor[];
}

let ofProcess: ClientExtensions = {};
const followers = new Set<() => void>();

/** Replaces what is added to every client of the process. Clients that are open follow. */
export function setProcessExtensions(extensions: ClientExtensions): void {
  ofProcess = extensions;
  for (const follow of followers) {
    follow();
  }
}

/** Calls back now and whenever what the process adds has changed, until the function it returns is called. */
export function followProcessExtensions(follow: () => void): () => void {
  follow();
  followers.add(follow);
  return () => followers.delete(follow);
}

/** What hears of the calls of a method, as things are now; nothing when nobody does. */
export function observerOf(method: ObservedMethod, own: ClientExtensions): MethodObserver | undefined {
  const telemetry = own.telemetry ?? ofProcess.telemetry ?? "off";
  const hooks = [ofProcess.hooks, own.hooks].filter((each) => each !== undefined);
  return joinObservers([
    ...(telemetry === "off" ? [] : [telemetry.observeMethod(method)]),
    ...hooks.map((each) => observeWithHooks(each, method)),
  ]);
}

/** The interceptors around a call that is made now, outermost first; nothing when there are none. */
export function interceptorsOf(own: ClientExtensions): readonly Interceptor[] | undefined {
  const outer = ofProcess.interceptors;
  const inner = own.interceptors;
  if (outer === undefined || inner === undefined) {
    return outer ?? inner;
  }
  return [...outer, ...inner];
}
