// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import { context } from "@opentelemetry/api";
import { headersOfMetadata, type RequestMetadata } from "../server/metadata-headers.ts";
import { type Reply, runHandler } from "../server/run-handler.ts";
import { wrapHandlers } from "../server/wrap-handlers.ts";
import type { OpenTelemetryProviders } from "./providers.ts";
import { ServedCall } from "./served-call.ts";
import { createServerSinks, type ServerSinks } from "./server-instruments.ts";

/** What the calls of all kinds have in common in grpc-js. */
interface ServerCall extends EventEmitter {
  readonly metadata: RequestMetadata;
  getPath(): string;
}

type Handler = (call: ServerCall, reply?: Reply) => unknown;

const cancelled = 1;
const unknown = 2;

/**
 * Makes metrics and spans of the calls that a grpc-js service serves: `rpc.server.call.duration`, `grpc.server.call.started`,
 * and one span a call, below that of its caller. Handlers run inside of the span. They may be `async`, as with `withCallScopes`,
 * which goes around this or inside of it: what is counted is the status that the caller gets.
 *
 * ```ts
 * server.addService(orderServiceDefinition, withCallTelemetry(implementation));
 * ```
 */
export function withCallTelemetry<T extends object>(implementation: T, providers: OpenTelemetryProviders = {}): T {
  const sinks = createServerSinks(providers);
  return wrapHandlers(implementation, (handler: Handler) => observeHandler(handler, sinks));
}

function observeHandler(handler: Handler, sinks: ServerSinks): Handler {
  return (call, reply) => {
    const served = new ServedCall(sinks, call.getPath().slice(1), headersOfMetadata(call.metadata));
    const stream = context.bind(served.context, call);
    let code = 0;
    // A stream that fails ends as well.
    call.on("error", (error) => {
      code = codeOf(error);
    });
    call.once("finish", () => served.end(code));
    call.once("cancelled", () => served.end(cancelled));
    const answer: Reply | undefined =
      reply &&
      ((error, ...results) => {
        served.end(error ? codeOf(error) : 0);
        reply(error, ...results);
      });
    return context.with(served.context, () => runHandler(handler, stream, answer));
  };
}

/** What grpc-js sends of an error. */
function codeOf(error: unknown): number {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : unknown;
}
