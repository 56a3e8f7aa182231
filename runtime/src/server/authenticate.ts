// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Metadata, UntypedServiceImplementation } from "@grpc/grpc-js";
import { type CallerIdentity, createCallScope, currentCallScope, enterCallScope } from "../context/call-scope.ts";
import { type Reply, runHandler } from "./run-handler.ts";
import { callerOf, callerOfCertificate, type TokenVerifier } from "./verify.ts";

/** What the calls of all kinds of a grpc-js server have in common. */
interface ServerCall {
  readonly metadata: Metadata;
  getPath(): string;
  emit(event: "error", error: unknown): boolean;
  getAuthContext?(): { readonly sslPeerCertificate?: { readonly subjectaltname?: string } } | null;
}

type Handler = (call: ServerCall, reply?: Reply) => unknown;

/**
 * Serves calls of a grpc-js service only for callers whose bearer token is good; who they are stands in the scope of the call.
 * Others get UNAUTHENTICATED, and nothing is executed. Goes inside of `withCallScopes`:
 *
 * ```ts
 * server.addService(definition, withCallScopes(withAuthentication(implementation, await jwtVerifier({ … }))));
 * ```
 */
export function withAuthentication<T extends UntypedServiceImplementation>(
  implementation: T,
  verify: TokenVerifier,
): T {
  return guardHandlers(implementation, (call) => callerOf(call.metadata.get("authorization")[0]?.toString(), verify));
}

/**
 * The same by certificate, for servers with mutual TLS: `accept` says whether the caller may call, e.g. by its SPIFFE id.
 */
export function withCertificateIdentity<T extends UntypedServiceImplementation>(
  implementation: T,
  accept: (caller: CallerIdentity) => boolean,
): T {
  return guardHandlers(implementation, async (call) => {
    const caller = callerOfCertificate(call.getAuthContext?.()?.sslPeerCertificate);
    if (caller === undefined || !accept(caller)) {
      throw new ConnectError("the certificate of the caller was refused", Code.Unauthenticated);
    }
    return caller;
  });
}

/**
 * Serves calls of a Connect router only for callers whose bearer token is good. Goes behind `callScopes()`:
 *
 * ```ts
 * connectNodeAdapter({ routes, interceptors: [callScopes(), authenticated(await jwtVerifier({ … }))] });
 * ```
 */
export function authenticated(verify: TokenVerifier): Interceptor {
  return (next) => async (request) => {
    const caller = await callerOf(request.header.get("authorization"), verify);
    return asCaller(caller, () => next(request));
  };
}

function asCaller<T>(caller: CallerIdentity, work: () => T): T {
  return enterCallScope({ ...(currentCallScope() ?? createCallScope({})), caller }, work);
}

function guardHandlers<T extends UntypedServiceImplementation>(
  implementation: T,
  identify: (call: ServerCall) => Promise<CallerIdentity>,
): T {
  const guarded: UntypedServiceImplementation = {};
  for (const [name, handler] of Object.entries(implementation)) {
    const inner = handler.bind(implementation) as unknown as Handler;
    const outer: Handler = (call, reply) => {
      identify(call).then(
        (caller) => asCaller(caller, () => runHandler(inner, call, reply)),
        (error) => refuse(call, reply, ConnectError.from(error)),
      );
    };
    guarded[name] = outer as never;
  }
  return guarded as T;
}

function refuse(call: ServerCall, reply: Reply | undefined, { code, rawMessage: details }: ConnectError): void {
  if (reply === undefined) {
    call.emit("error", { code, details });
  } else {
    reply({ code, details });
  }
}
