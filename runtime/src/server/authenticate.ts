// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate, TLSSocket } from "node:tls";
import {
  Code,
  ConnectError,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import type { Metadata, UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  type CallerIdentity,
  type CallScope,
  createCallScope,
  currentCallScope,
  enterCallScope,
} from "../context/call-scope.ts";
import { type Reply, runHandler } from "./run-handler.ts";
import { callerOf, callerOfCertificate, type TokenVerifier } from "./verify.ts";
import { wrapHandlers } from "./wrap-handlers.ts";
import { wrapMessages } from "./wrap-messages.ts";

/** What the calls of all kinds of a grpc-js server have in common. */
interface ServerCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
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
  return guardHandlers(implementation, async (call) =>
    acceptedCaller(call.getAuthContext?.()?.sslPeerCertificate, accept),
  );
}

/**
 * Serves calls of a Connect router only for callers whose bearer token is good. Goes behind `callScopes()`:
 *
 * ```ts
 * connectNodeAdapter({ routes, interceptors: [callScopes(), authenticated(await jwtVerifier({ … }))] });
 * ```
 */
export function authenticated(verify: TokenVerifier): Interceptor {
  return identified((request) => callerOf(request.header.get("authorization"), verify));
}

/**
 * The same by certificate, for servers with mutual TLS. Interceptors do not see the connection, so the adapter has to pass its
 * certificate on, which connect-node, connect-fastify and connect-express all do alike:
 *
 * ```ts
 * connectNodeAdapter({ routes, contextValues: certificateValues, interceptors: [callScopes(), certificateIdentity(accept)] });
 * ```
 */
export function certificateIdentity(accept: (caller: CallerIdentity) => boolean): Interceptor {
  return identified(async ({ contextValues }) => acceptedCaller(contextValues.get(peerCertificate), accept));
}

/** Context values with the certificate of the connection of a request, for {@link certificateIdentity}. One that was not verified is none. */
export function certificateValues(request: { readonly socket: object }): ContextValues {
  const { authorized, getPeerCertificate } = request.socket as Partial<TLSSocket>;
  const certificate = authorized === true ? getPeerCertificate?.call(request.socket as TLSSocket) : undefined;
  return createContextValues().set(peerCertificate, certificate);
}

const peerCertificate: ContextKey<PeerCertificate | undefined> = createContextKey<PeerCertificate | undefined>(
  undefined,
  { description: "talaria: the certificate of the caller" },
);

function acceptedCaller(
  certificate: { readonly subjectaltname?: string } | undefined,
  accept: (caller: CallerIdentity) => boolean,
): CallerIdentity {
  const caller = callerOfCertificate(certificate);
  if (caller === undefined || !accept(caller)) {
    throw new ConnectError("the certificate of the caller was refused", Code.Unauthenticated);
  }
  return caller;
}

function identified(identify: (request: UnaryRequest | StreamRequest) => Promise<CallerIdentity>): Interceptor {
  return (next) => async (request) => {
    const scope = scopeOf(await identify(request));
    request.signal.throwIfAborted();
    const run = <T>(step: () => Promise<T>): Promise<T> => enterCallScope(scope, step);
    const response = await run(() => next(request));
    return response.stream ? { ...response, message: wrapMessages(response.message, run) } : response;
  };
}

/** The scope of the call, with who made it. */
function scopeOf(caller: CallerIdentity): CallScope {
  return { ...(currentCallScope() ?? createCallScope({})), caller };
}

function guardHandlers<T extends UntypedServiceImplementation>(
  implementation: T,
  identify: (call: ServerCall) => Promise<CallerIdentity>,
): T {
  return wrapHandlers(
    implementation,
    (handler: Handler): Handler =>
      (call, reply) => {
        identify(call).then(
          (caller) => call.cancelled || enterCallScope(scopeOf(caller), () => runHandler(handler, call, reply)),
          (error) => refuse(call, reply, ConnectError.from(error)),
        );
      },
  );
}

function refuse(call: ServerCall, reply: Reply | undefined, { code, rawMessage: details }: ConnectError): void {
  if (reply === undefined) {
    call.emit("error", { code, details });
  } else {
    reply({ code, details });
  }
}
