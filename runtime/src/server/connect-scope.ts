// SPDX-License-Identifier: Apache-2.0
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { createCallScope, enterCallScope } from "../context/call-scope.ts";
import { isCallError } from "../error.ts";
import { wrapMessages } from "./wrap-messages.ts";

/**
 * Serves each call of a Connect router in a scope of its own, so that guarded calls made by its handlers end with it and
 * carry its headers. An error of such a call that a handler does not catch goes to its caller with code and message, and neither
 * headers nor details; it is the `cause` of what interceptors around this one see. The same for connect-node, connect-fastify and
 * connect-express.
 *
 * ```ts
 * connectNodeAdapter({ routes, interceptors: [callScopes()] });
 * ```
 */
export function callScopes(): Interceptor {
  return (next) => async (request) => {
    const scope = createCallScope({
      timeoutMs: timeoutMsOf(request.header),
      signal: request.signal,
      headers: request.header,
    });
    const run = <T>(step: () => Promise<T>): Promise<T> => withoutCallee(enterCallScope(scope, step));
    const response = await run(() => next(request));
    return response.stream ? { ...response, message: wrapMessages(response.message, run) } : response;
  };
}

/**
 * What a server of ours says to us in headers and trailers, e.g. when to try again or how busy it is, is not for our own caller, whom
 * it would steer, too.
 */
async function withoutCallee<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isCallError(error) ? new ConnectError(error.rawMessage, error.code, undefined, undefined, error) : error;
  }
}

/** The time that a caller gives, by `grpc-timeout` (e.g. `300m`) or `connect-timeout-ms`. */
function timeoutMsOf(header: Headers): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(header.get("grpc-timeout") ?? "") ?? [];
  if (amount !== undefined) {
    // A timeout of 0 has passed, whereas 0 for a scope means none.
    return Math.max(Number(amount) * (millisecondsIn[unit] ?? 1), Number.MIN_VALUE);
  }
  const timeout = Number(header.get("connect-timeout-ms") ?? Number.NaN);
  return Number.isFinite(timeout) ? timeout : undefined;
}

const millisecondsIn: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};
