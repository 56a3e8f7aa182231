// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Metadata, UntypedServiceImplementation } from "@grpc/grpc-js";
import { type CallScope, createCallScope, currentCallScope, enterCallScope } from "../context/call-scope.ts";
import { headersOfMetadata } from "./metadata-headers.ts";
import { grpcError, type Reply, runHandler } from "./run-handler.ts";
import { wrapHandlers } from "./wrap-handlers.ts";

/** What the calls of all kinds have in common. */
interface ServerCall extends EventEmitter {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  getPath(): string;
}

type Handler = (call: ServerCall, reply?: Reply) => unknown;

/**
 * Serves each call of a grpc-js service in a scope of its own, so that guarded calls made by its handlers end with it and carry
 * its headers. A handler can answer with the error of such a call: its caller gets code and message, and neither headers nor details.
 * A handler may be `async`: what it rejects with is answered, too. A failure that is no status answers UNKNOWN without its text, and
 * is a process warning with the code `TALARIA_SERVER`, whose `cause` it is.
 *
 * ```ts
 * server.addService(orderServiceDefinition, withCallScopes(implementation));
 * ```
 */
export function withCallScopes<T extends UntypedServiceImplementation>(implementation: T): T {
  return wrapHandlers(implementation, scopeHandler);
}

function scopeHandler(handler: Handler): Handler {
  return (call, reply) => {
    const controller = new AbortController();
    const scope = createCallScope({
      // A deadline that has passed is still one, whereas 0 for a scope means none.
      timeoutMs: Math.max(Number(call.getDeadline()) - Date.now(), Number.MIN_VALUE),
      signal: controller.signal,
      headers: headersOfMetadata(call.metadata),
    });
    // grpc-js says "cancelled" of a call that was answered, too, once its stream is closed.
    let answered = false;
    call.once("finish", () => {
      answered = true;
    });
    call.once("cancelled", () => {
      if (!answered) {
        controller.abort(endOf(call));
      }
    });
    keepScope(call, scope);
    const emit = call.emit.bind(call);
    call.emit = (event, ...args) => emit(event, ...(event === "error" ? args.map(grpcError) : args));
    return enterCallScope(scope, () =>
      runHandler(
        handler,
        call,
        reply &&
          ((error, ...results) => {
            answered = true;
            reply(grpcError(error), ...results);
          }),
      ),
    );
  };
}

/** Why a call ended before it was answered. A caller whose time is up may say so a moment before our own timer does. */
function endOf(call: ServerCall): Error {
  return Number(call.getDeadline()) - Date.now() < 5
    ? new ConnectError("the operation timed out", Code.DeadlineExceeded)
    : new DOMException("the call being served was cancelled", "AbortError");
}

/**
 * Listeners of a stream run where the stream is read, which is outside of the scope: takes them back into the one that they were
 * added in, which may know more, e.g. who calls.
 */
function keepScope(call: EventEmitter, scope: CallScope): void {
  const on = call.on.bind(call);
  const keep = (
    event: string | symbol,
    listener: ((...args: unknown[]) => void) & { listener?: unknown },
  ): EventEmitter => {
    const added = currentCallScope() ?? scope;
    const kept = (...args: unknown[]): void => enterCallScope(added, () => listener.apply(call, args));
    // By this an emitter finds a listener again that is to be removed.
    return on(event, Object.assign(kept, { listener: listener.listener ?? listener }));
  };
  call.on = keep as typeof call.on;
  call.addListener = keep as typeof call.addListener;
}
