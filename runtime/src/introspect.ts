// SPDX-License-Identifier: Apache-2.0
import { announcesStreams } from "./grpc-js/announces-streams.ts";
import { connectChannel, endpointsOf, onEndpointsChange } from "./grpc-js/balancing/balanced-channel.ts";
import type { EndpointState } from "./grpc-js/balancing/endpoints.ts";
import type { OpenChannel } from "./grpc-js/channel.ts";
import { type ChannelState, stateOf } from "./grpc-js/channel-state.ts";
import { userTimeoutSupport } from "./grpc-js/user-timeout.ts";

// Functions, not methods of the client: a method could have the name of an rpc.

const channels = new WeakMap<object, OpenChannel["channel"]>();

/** Makes a client known to the functions below. */
export function registerClient<C extends object>(client: C, channel: OpenChannel["channel"]): C {
  channels.set(client, channel);
  return client;
}

/** How long to wait for connections. */
export interface ConnectOptions {
  /** In milliseconds, from 0 to 2147483647. Default: 10000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Connects a client to all its backends before the first call, e.g. before a server says that it is ready. Resolves when each has
 * connected, failed or said NOT_SERVING, and at least one takes calls.
 *
 * @throws ConnectError UNAVAILABLE naming each address and why, when none takes calls in time; CANCELLED on abort, and when the client is
 * closed meanwhile; INVALID_ARGUMENT when `timeoutMs` is no number of milliseconds that a timer can wait.
 */
export function connect(client: object, { timeoutMs = 10_000, signal }: ConnectOptions = {}): Promise<void> {
  return connectChannel(channelOf(client), timeoutMs, signal);
}

/** The state of a client's connections as a whole, in gRPC's words. */
export function channelState(client: object): ChannelState {
  return stateOf(channelOf(client));
}

/** The endpoints of a client: address, state, health, whether it is ejected, calls in flight. */
export function endpoints(client: object): readonly EndpointState[] {
  return endpointsOf(channelOf(client));
}

/** Calls `listener` after each change in {@link endpoints} but for counts, until the returned function is called. */
export function watchEndpoints(client: object, listener: () => void): () => void {
  return onEndpointsChange(channelOf(client), listener);
}

/** Which ways of finding a dead connection this process has, besides keepalive, which it always has. */
export interface DeadPeerDetection {
  /** Whether the system gives up on data that stays unacknowledged (TCP_USER_TIMEOUT, gRFC A18), or why not. */
  readonly userTimeout: "set" | "not on this system" | "koffi is not installed";
  /** Whether a connection on which calls run out of time is pinged, or why not. */
  readonly suspicionPing: "works" | "needs Node.js 22.17 or 24.1";
}

/** Which ways of finding a dead connection this process has. Where one is lacking, another finds it, later. */
export async function deadPeerDetection(): Promise<DeadPeerDetection> {
  return {
    userTimeout: await userTimeoutSupport(),
    suspicionPing: announcesStreams(process.versions.node) ? "works" : "needs Node.js 22.17 or 24.1",
  };
}

function channelOf(client: object): OpenChannel["channel"] {
  const channel = channels.get(client);
  if (channel === undefined) {
    throw new TypeError(
      "this is no client that createServiceClient opened; one of guard() has its transport's connections",
    );
  }
  return channel;
}
