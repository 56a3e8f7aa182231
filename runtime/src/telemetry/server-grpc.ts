// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import { context } from "@opentelemetry/api";
import { headersOfMetadata, type RequestMetadata } from "../server/metadata-headers.ts";
import type { OpenTelemetryProviders } from "./providers.ts";
import { ServedCall } from "./served-call.ts";
import { createServerSinks, type ServerSinks } from "./server-instruments.ts";

/** What the calls of all kinds have in common in grpc-js. */
interface ServerCall extends EventEmitter {
  readonly metadata: RequestMetadata;
  getPath(): string;
}

type Reply = (error: { readonly code?: number } | null, ...results: unknown[]) => void;
type Handler = (call: ServerCall, reply?: Reply) => unknown;

const cancelled = 1;
const unknown = 2;

/**
 * Makes metrics and spans of the calls that a grpc-js service serves: `rpc.server.call.duration`, `grpc.server.call.started`,
 * and one span a call, below that of its caller. Handlers run inside of the span.
 *
 * ```ts
 * server.addService(orderServiceDefinition, withCallTelemetry(implementation));
 * ```
 */
export function withCallTelemetry<T extends object>(implementation: T, providers: OpenTelemetryProviders = {}): T {
  const sinks = createServerSinks(providers);
  const observed = Object.entries(implementation).map(([name, handler]) => [
    name,
    observeHandler(handler.bind(implementation) as Handler, sinks),
  ]);
  return Object.fromEntries(observed) as T;
}

function observeHandler(handler: Handler, sinks: ServerSinks): Handler {
  return (call, reply) => {
    const served = new ServedCall(sinks, call.getPath().slice(1), headersOfMetadata(call.metadata));
    const stream = context.bind(served.context, call);
    let code = 0;
    // A stream that fails ends as well; grpc-js sends the status that its error names.
    call.on("error", (error: { readonly code?: unknown }) => {
      code = typeof error.code === "number" ? error.code : unknown;
    });
    call.once("finish", () => served.end(code));
    call.once("cancelled", () => served.end(cancelled));
    const answer: Reply = (error, ...results) => {
      served.end(error === null || error === undefined ? 0 : (error.code ?? unknown));
      reply?.(error, ...results);
    };
    try {
      return context.with(served.context, () => handler(stream, reply && answer));
    } catch (error) {
      served.end(unknown);
      throw error;
    }
  };
}
