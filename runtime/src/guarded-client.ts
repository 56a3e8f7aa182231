// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming, DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, makeAnyClient } from "@connectrpc/connect";
import type { BoundContract } from "@talaria/contract";
import { type ClientExtensions, interceptorsOf } from "./client-extensions.ts";
import type { Clock, Random } from "./clock.ts";
import { type InnerCallOptions, type ScopedCallOptions, scopedOptions } from "./context/propagate.ts";
import { contractTimeoutMs } from "./contract-timeout.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import { effectiveTimeoutMs } from "./engine/deadline.ts";
import { CallError } from "./error.ts";
import { type GuardedMethods, guardMethods } from "./guard-methods.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import { type Interception, interceptStream, interceptUnary } from "./intercept.ts";
import { ClientLifetime } from "./lifetime.ts";
import { followOverridesFile } from "./overrides/file.ts";
import { openSharedState } from "./shared-state.ts";
import { callStream } from "./stream-call.ts";
import { callUnary } from "./unary-call.ts";
import { unusableOption } from "./unusable-option.ts";
import type { Wire } from "./wire.ts";

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

/** What a client stands on. */
export interface ClientGround {
  readonly wire: Wire;
  /** As it was given, for whoever reads of it. */
  readonly target: string;
  /** Clients that have this in common share breakers, throttles and limits. Default: `target`. */
  readonly sharedAs?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Gives the tokens that the contract demands. */
  readonly credentials?: CredentialsProvider | undefined;
  /** What watches and wraps the calls of this client, beside what the process adds. */
  readonly extensions?: ClientExtensions;
  /** Closes the wire, after the last call. */
  close(): void;
}

/**
 * Makes a client of a service whose calls go through the policies of its contract.
 *
 * @throws What stands in the way, e.g. an observer that fails; then nothing stays open, the wire included.
 */
export function createGuardedClient<S extends DescService>(
  contract: BoundContract<S>,
  { wire, target, sharedAs, clock, random, credentials, extensions = {}, close }: ClientGround,
): ServiceClient<S> {
  const lifetime = new ClientLifetime();
  const shared = openSharedState(target, random, sharedAs);
  let methods: GuardedMethods;
  try {
    methods = guardMethods(contract, { wire, clock, random, shared, lifetime, credentials, target, extensions });
  } catch (error) {
    shared.close();
    close();
    throw error;
  }
  const headers = extensions.headers && [...extensions.headers];
  const scoped: Scoped = ({ policy }, options) => scopedOptions(options, policy.requiredHeaders, headers);
  const unfollow = followOverridesFile();
  const client = makeAnyClient(contract.descriptor, (desc) => {
    const method = methods.get(desc);
    if (method === undefined) {
      return null;
    }
    const timeoutMs = (options: InnerCallOptions): number => timeoutMsOf(method, scoped(method, options));
    return callOf(method, desc, scoped, () => {
      const interceptors = interceptorsOf(extensions);
      return interceptors && { interceptors, target, clock, timeoutMs };
    });
  });
  const dispose = async (): Promise<void> => {
    await lifetime.close();
    close();
    methods.close();
    shared.close();
    unfollow();
  };
  let disposed: Promise<void> | undefined;
  const disposeOnce = (): Promise<void> => {
    disposed ??= dispose();
    return disposed;
  };
  return Object.assign(client as Client<S>, { [Symbol.asyncDispose]: disposeOnce });
}

function callOf(
  method: GuardedMethod,
  desc: DescMethodUnary | DescMethodStreaming,
  scoped: Scoped,
  interception: () => Interception | undefined,
): (...args: never[]) => unknown {
  if (desc.methodKind === "unary") {
    const call = (input: Message, options: InnerCallOptions) => callUnary(method, desc, input, scoped(method, options));
    return (input: Message, given?: CallOptions | null) => {
      const options = given ?? noOptions;
      const around = interception();
      return around === undefined || unusableOption(options) !== undefined
        ? call(input, options)
        : interceptUnary(around, desc, input, options, call);
    };
  }
  const call = (input: AsyncIterable<Message>, options: InnerCallOptions) =>
    callStream(method, desc, input, scoped(method, options));
  const stream = (input: AsyncIterable<Message>, given?: CallOptions | null) => {
    const options = given ?? noOptions;
    const around = interception();
    return around === undefined || unusableOption(options) !== undefined
      ? call(input, options)
      : interceptStream(around, desc, input, options, call);
  };
  switch (desc.methodKind) {
    case "server_streaming":
      return (input: Message, options?: CallOptions) => stream(one(input), options);
    case "client_streaming":
      return (input: AsyncIterable<Message>, options?: CallOptions) => onlyMessage(stream(input, options), method.name);
    case "bidi_streaming":
      return stream;
  }
}

const noOptions: CallOptions = {};

/** Adds to the options of a call what it takes over from its scope. */
type Scoped = (method: GuardedMethod, options: InnerCallOptions) => ScopedCallOptions;

/** How long a call made now may take; a streaming response: until its first message. */
function timeoutMsOf(method: GuardedMethod, { timeoutMs, inheritedTimeoutMs }: ScopedCallOptions): number {
  return effectiveTimeoutMs(timeoutMs, inheritedTimeoutMs, contractTimeoutMs(method.policy));
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** The one message of a response. That a server sends one is seen to below; interceptors may still drop or add some. */
async function onlyMessage(response: AsyncIterable<Message>, name: string): Promise<Message> {
  let only: Message | undefined;
  for await (const message of response) {
    if (only !== undefined) {
      throw notOne(`interceptors made more than one response message of that for ${name}`);
    }
    only = message;
  }
  if (only === undefined) {
    throw notOne(`interceptors left no response message for ${name}`);
  }
  return only;
}

function notOne(message: string): CallError {
  return new CallError({ reason: "local", code: Code.Unimplemented, message, attempts: [] });
}
