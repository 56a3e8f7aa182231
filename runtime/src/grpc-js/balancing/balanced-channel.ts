// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { Channel, type ChannelCredentials, connectivityState as State } from "@grpc/grpc-js";
import type { ServiceContract } from "@talaria/contract";
import { type Random, systemRandom } from "../../clock.ts";
import { DirectLine } from "../direct-line.ts";
import { type DiscoverySettings, registerDiscovery, resolverTarget } from "../resolver/discovery-resolver.ts";
import { backgroundClock, type NamePollers, processPollers } from "../resolver/name-pollers.ts";
import { authorityOf, checkForeignTarget } from "../resolver/target.ts";
import { type GrpcChannelOptions, SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX } from "../surface.ts";
import { type BalancerTools, registerBalancer } from "./balancer.ts";
import { balancerConfigOf } from "./balancer-config.ts";
import { describeEndpoints, type EndpointState, Endpoints } from "./endpoints.ts";

/** What tests put in place of the process's own. */
export interface BalancedChannelTools {
  readonly pollers?: NamePollers;
  readonly clock?: BalancerTools["clock"];
  readonly random?: Random;
}

interface ChannelTools extends BalancerTools, DiscoverySettings {}

/** Travels to our resolver and balancer in the channel's options. The prefix keeps it from being part of what connections share. */
const toolsKey = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.talaria`;

const longestTimerMs = 2 ** 31 - 1;

const toolsByChannel = new WeakMap<Channel, ChannelTools>();
let registered = false;

/**
 * Opens a channel that follows the addresses of its target as the contract says, and balances over them as the contract says. It
 * connects when the first call is made, or by {@link connectChannel}.
 *
 * @throws ConnectError INVALID_ARGUMENT when the target is malformed, or of a scheme that nobody resolves.
 */
export function openBalancedChannel(
  target: string,
  contract: ServiceContract,
  credentials: ChannelCredentials,
  options: GrpcChannelOptions,
  { pollers, clock = backgroundClock, random = systemRandom }: BalancedChannelTools = {},
): Channel {
  if (!registered) {
    registered = true;
    registerDiscovery(toolsIn);
    registerBalancer(toolsIn);
  }
  const ownTarget = resolverTarget(target);
  const tools: ChannelTools = {
    nameResolution: contract.nameResolution,
    pollers: pollers ?? processPollers(),
    endpoints: new Endpoints(),
    // What a target that grpc-js resolves itself calls its server, only grpc-js knows.
    line: ownTarget === target ? undefined : new DirectLine(authorityOf(target)),
    clock,
    random,
  };
  const channel = new Channel(ownTarget, credentials, {
    ...options,
    // Only balancing is left to grpc-js: exactly one layer may retry, and that is the pipeline.
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: balancerConfigOf(contract) }),
    // A TXT record would replace the service config as a whole.
    "grpc.service_config_disable_resolution": 1,
    [toolsKey]: tools,
  });
  if (ownTarget === target) {
    try {
      checkForeignTarget(target, channel.getTarget());
    } catch (error) {
      channel.close();
      throw error;
    }
  }
  toolsByChannel.set(channel, tools);
  return channel;
}

function toolsIn(options: GrpcChannelOptions): ChannelTools {
  const tools: ChannelTools | undefined = options[toolsKey];
  if (tools === undefined) {
    throw new Error("the scheme and the policy of Talaria work in its own channels only");
  }
  return tools;
}

/** The endpoints of a channel, as they are now: those that its target has, and those that still have calls. */
export function endpointsOf(channel: Channel): readonly EndpointState[] {
  return toolsByChannel.get(channel)?.endpoints.snapshot() ?? [];
}

/** The way from the calls of a channel straight to its connections, if it has one. */
export function directLineOf(channel: Channel): DirectLine | undefined {
  return toolsByChannel.get(channel)?.line;
}

/** Calls `listener` after each change in {@link endpointsOf} but for counts, until the returned function is called. */
export function onEndpointsChange(channel: Channel, listener: () => void): () => void {
  return toolsByChannel.get(channel)?.endpoints.onChange(listener) ?? (() => undefined);
}

/**
 * Connects a channel before its first call. Resolves when every endpoint is connected, has failed to, or says NOT_SERVING, and at
 * least one takes calls. When the time is up, one that takes calls is enough.
 *
 * @throws ConnectError UNAVAILABLE when there is none in `timeoutMs`; the message says why, endpoint by endpoint. CANCELLED when
 * `signal` is aborted or the channel closed. INVALID_ARGUMENT when no timer can wait for `timeoutMs`.
 */
export async function connectChannel(channel: Channel, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  if (!(timeoutMs >= 0 && timeoutMs <= longestTimerMs)) {
    throw new ConnectError(
      `connect() cannot wait for a timeoutMs of ${timeoutMs}; write a number of milliseconds from 0 to ${longestTimerMs}, ` +
        "or none for 10000",
      Code.InvalidArgument,
    );
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    // Asked to connect, a closed channel of grpc-js opens again.
    if (channel.getConnectivityState(false) === State.SHUTDOWN) {
      reject(new ConnectError("the client was closed before it was connected", Code.Canceled));
    } else if (channel.getConnectivityState(true) === State.READY && isSettled(channel)) {
      resolve();
    }
  };
  const timer = setTimeout(() => {
    if (channel.getConnectivityState(false) === State.READY) {
      resolve();
    } else {
      reject(new ConnectError(describeTimeout(channel, timeoutMs), Code.Unavailable));
    }
  }, timeoutMs);
  const onAbort = (): void => reject(ConnectError.from(signal?.reason, Code.Canceled));
  signal?.addEventListener("abort", onAbort, { once: true });
  // The state of the channel follows that of its endpoints.
  const stops = [onEndpointsChange(channel, () => queueMicrotask(look)), onChannelChange(channel, look)];
  try {
    signal?.throwIfAborted();
    look();
    await promise;
  } catch (error) {
    throw ConnectError.from(error, Code.Canceled);
  } finally {
    for (const stop of stops) {
      stop();
    }
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

const stateListeners = new WeakMap<Channel, Set<() => void>>();

/** Calls `listener` after each change of a channel's state, its end included, until the returned function is called. */
function onChannelChange(channel: Channel, listener: () => void): () => void {
  let listeners = stateListeners.get(channel);
  if (listeners === undefined) {
    listeners = new Set();
    stateListeners.set(channel, listeners);
    watchState(channel, listeners);
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Once for a channel, because grpc-js keeps a watcher until the state changes, which may take weeks. */
function watchState(channel: Channel, listeners: ReadonlySet<() => void>): void {
  const state = channel.getConnectivityState(false);
  if (state === State.SHUTDOWN) {
    return;
  }
  channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
    for (const listener of [...listeners]) {
      listener();
    }
    watchState(channel, listeners);
  });
}

function isSettled(channel: Channel): boolean {
  const tools = toolsByChannel.get(channel);
  const listed = tools?.endpoints.all().filter((endpoint) => endpoint.listed) ?? [];
  // pick_first leaves all but one alone.
  return listed.every((endpoint) => endpoint.settled || endpoint.connections.size === 0);
}

function describeTimeout(channel: Channel, timeoutMs: number): string {
  const endpoints = toolsByChannel.get(channel)?.endpoints;
  const why = endpoints?.resolutionError ?? describeEndpoints(endpoints?.snapshot() ?? []);
  return `not connected after ${timeoutMs} ms: ${why === "" ? "the name is not resolved yet" : why}`;
}
