// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { context } from "@opentelemetry/api";
import type { OpenTelemetryProviders } from "./providers.ts";
import { ServedCall } from "./served-call.ts";
import { createServerSinks } from "./server-instruments.ts";

/**
 * Makes metrics and spans of the calls that a Connect router serves, as {@link withCallTelemetry} does for grpc-js, whatever the
 * protocol they come by. The same for connect-node, connect-fastify and connect-express.
 *
 * ```ts
 * connectNodeAdapter({ routes, interceptors: [callTelemetry()] });
 * ```
 */
export function callTelemetry(providers: OpenTelemetryProviders = {}): Interceptor {
  const sinks = createServerSinks(providers);
  return (next) => async (request) => {
    const served = new ServedCall(sinks, `${request.service.typeName}/${request.method.name}`, request.header);
    const { signal } = request;
    // A handler that waits for something else does not notice that its caller is gone.
    signal.addEventListener("abort", () => served.end(ConnectError.from(signal.reason).code));
    try {
      const response = await context.with(served.context, () => next(request));
      if (response.stream) {
        return { ...response, message: observeMessages(response.message, served) };
      }
      served.end(0);
      return response;
    } catch (error) {
      served.end(codeOf(error));
      throw error;
    }
  };
}

/** What Connect sends of an error. */
function codeOf(error: unknown): Code {
  return error instanceof ConnectError ? error.code : Code.Internal;
}

/** The messages of a streaming response are made while they are read, after the interceptor has returned. */
async function* observeMessages<T>(messages: AsyncIterable<T>, served: ServedCall): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  const inside = <R>(step: () => R): R => context.with(served.context, step);
  let done = false;
  try {
    for (;;) {
      const result = await inside(() => iterator.next());
      done = result.done === true;
      if (result.done) {
        served.end(0);
        return;
      }
      yield result.value;
    }
  } catch (error) {
    done = true;
    served.end(codeOf(error));
    throw error;
  } finally {
    if (!done) {
      // Its reader has left: the caller cancelled, or is gone.
      served.end(1);
      await inside(() => iterator.return?.());
    }
  }
}
