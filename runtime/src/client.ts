// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming, DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, ConnectError, makeAnyClient } from "@connectrpc/connect";
import type { BoundContract } from "@talaria/contract";
import { systemClock, systemRandom } from "./clock.ts";
import { openChannel, type TlsOptions } from "./grpc-js/channel.ts";
import { createGrpcWire } from "./grpc-js/wire.ts";
import { guardMethods } from "./guard-methods.ts";
import { ClientLifetime } from "./lifetime.ts";
import { type ContractOverride, overrideContract } from "./override.ts";
import type { GuardedMethod } from "./pipeline.ts";
import type { ResponseStream } from "./response-stream.ts";
import { openSharedState } from "./shared-state.ts";
import { callStream } from "./stream-call.ts";
import { callUnary } from "./unary-call.ts";

/** How a client is opened. What it does with a call is the contract's, not the caller's, to say. */
export interface ClientOptions {
  /** The gRPC name of the callee, e.g. `dns:///orders.shop.svc.cluster.local:50051`. */
  readonly target: string;
  /** What TLS connections are made with. Default: the authorities that Node.js trusts, and no certificate of our own. */
  readonly tls?: TlsOptions;
  /** Departs from the contract, for tests and incidents. The departure and its reason are logged as a process warning. */
  readonly override?: ContractOverride;
}

/**
 * A client of a service: Connect's `Client`, and closable. Use it for as long as you call the service; a client per call
 * costs a connection per call.
 *
 * ```ts
 * await using greeting = createGreetingServiceClient({ target: "dns:///greeting:50051" });
 * ```
 *
 * Closing refuses further calls, lets unary calls in flight finish, retries included, and ends streams.
 */
export type ServiceClient<S extends DescService> = Client<S> & AsyncDisposable;

/**
 * Opens a client that calls a service the way its contract says. It connects when the first call is made.
 *
 * @throws ConnectError INVALID_ARGUMENT when an option is unusable; the message says which, and what to write instead.
 */
export function createServiceClient<S extends DescService>(
  contract: BoundContract<S>,
  options: ClientOptions,
): ServiceClient<S> {
  const target = validTarget(options.target);
  const effective = overrideContract(contract, options.override);
  const channel = openChannel(target, effective, options.tls);
  const lifetime = new ClientLifetime();
  const shared = openSharedState(target, systemRandom);
  const wire = createGrpcWire(channel);
  const methods = guardMethods(effective, { wire, clock: systemClock, random: systemRandom, shared, lifetime });
  const client = makeAnyClient(contract.descriptor, (desc) => {
    const method = methods.get(desc);
    return method === undefined ? null : callOf(method, desc);
  });
  const close = async (): Promise<void> => {
    await lifetime.close();
    channel.close();
    shared.close();
  };
  return Object.assign(client as Client<S>, { [Symbol.asyncDispose]: close });
}

function validTarget(target: unknown): string {
  if (typeof target === "string" && target !== "" && !/^https?:/i.test(target)) {
    return target;
  }
  throw new ConnectError(
    `the target ${JSON.stringify(target)} is no gRPC name; write e.g. "dns:///orders.shop.svc.cluster.local:50051"`,
    Code.InvalidArgument,
  );
}

function callOf(method: GuardedMethod, desc: DescMethodUnary | DescMethodStreaming): (...args: never[]) => unknown {
  switch (desc.methodKind) {
    case "unary":
      return (input: Message, options?: CallOptions) => callUnary(method, desc, input, options);
    case "server_streaming":
      return (input: Message, options?: CallOptions) => callStream(method, desc, one(input), options);
    case "client_streaming":
      return (input: AsyncIterable<Message>, options?: CallOptions) =>
        onlyMessage(callStream(method, desc, input, options), method.name);
    case "bidi_streaming":
      return (input: AsyncIterable<Message>, options?: CallOptions) => callStream(method, desc, input, options);
  }
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function onlyMessage(response: ResponseStream, name: string): Promise<Message> {
  let only: Message | undefined;
  for await (const message of response) {
    if (only !== undefined) {
      throw new ConnectError(`protocol error: more than one response message for ${name}`, Code.Unimplemented);
    }
    only = message;
  }
  if (only === undefined) {
    throw new ConnectError(`protocol error: no response message for ${name}`, Code.Unimplemented);
  }
  return only;
}
