// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:http2";
import { type Channel, type ChannelOptions, experimental, type StatusObject } from "@grpc/grpc-js";

// The one file that names what grpc-js does not promise to keep: `Channel.createCall` and the call it returns are exported
// but "not part of the public API". Hence the pin to a minor version, and `surface.test.ts`, which fails when it moves.

/** A call as `Channel.createCall` returns it. */
export type GrpcCall = ReturnType<Channel["createCall"]>;

/** What a call reports to. */
export type GrpcListener = Parameters<GrpcCall["start"]>[1];

export type GrpcMetadata = Parameters<GrpcListener["onReceiveMetadata"]>[0];

/** Creates a call on a channel. Throws when the channel is closed. */
export function createCall(
  channel: Pick<Channel, "createCall">,
  path: string,
  timeoutMs: number | undefined,
): GrpcCall {
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
  return channel.createCall(path, deadline, null, null, null);
}

/** Whether a call got as far as a backend; until then its peer is the target. */
export function pickedPeer(channel: Channel, call: GrpcCall): string | undefined {
  const peer = call.getPeer();
  return peer === "unknown" || peer === channel.getTarget() ? undefined : peer;
}

export type { StatusObject };

/** Whether a server refused a stream before a handler saw it. Only calls on a connection tell. */
export function isRefusedStream({ rstCode }: ConnectionStatus): boolean {
  return rstCode === constants.NGHTTP2_REFUSED_STREAM;
}

/** A connection of grpc-js itself, under what wraps it. */
type Connection = ReturnType<GrpcSubchannel["getRealSubchannel"]>;

/** A call on a connection: below names, picks, filters and deadlines. */
export type ConnectionCall = ReturnType<Connection["createCall"]>;

/** What a call on a connection reports to. */
export type ConnectionListener = Parameters<Connection["createCall"]>[3];

/** The status of a call on a connection: with the code of the RST_STREAM that ended it, if one did. */
export type ConnectionStatus = Parameters<ConnectionListener["onReceiveStatus"]>[0];

/** Starts a call on the connection that was picked for it. Throws when that is lost; nothing was sent then. */
export function createCallOn(
  { subchannel }: GrpcPickResult,
  metadata: GrpcMetadata,
  authority: string,
  path: string,
  listener: ConnectionListener,
): ConnectionCall {
  if (subchannel === null) {
    throw new Error("no connection was picked");
  }
  return subchannel.getRealSubchannel().createCall(metadata, authority, path, listener);
}

/** Where a channel leads, as its credentials are told. */
export type GrpcTarget = experimental.GrpcUri;

/** What channel credentials secure a connection with. */
export type SecureConnector = experimental.SecureConnector;

/** A connection that is secured, or meant not to be. */
export type SecureConnection = experimental.SecureConnectResult;

// Name resolution and load balancing: everything in `experimental` may change with a minor version.

/** The options of a channel, as resolvers and balancers are given them. */
export type GrpcChannelOptions = ChannelOptions;

/** Finds the addresses of a target. */
export type GrpcResolver = experimental.Resolver;

/** What a resolver reports to. */
export type GrpcResolverListener = experimental.ResolverListener;

/** A server, by its addresses. */
export type GrpcEndpoint = experimental.Endpoint;

/** A value, or a status in its place. */
export type GrpcStatusOr<T> = experimental.StatusOr<T>;

/** Spreads calls over endpoints. */
export type GrpcLoadBalancer = experimental.LoadBalancer;

/** The configuration of a load balancer, parsed. */
export type GrpcBalancerConfig = experimental.TypedLoadBalancingConfig;

/** What a load balancer does its work with. */
export type GrpcBalancerHelper = experimental.ChannelControlHelper;

/** Decides where a call goes. */
export type GrpcPicker = experimental.Picker;

/** What is known of a call when it is picked for. */
export type GrpcPickArgs = experimental.PickArgs;

/** Where a call goes. */
export type GrpcPickResult = experimental.PickResult;

/** A connection to an address, which comes and goes. */
export type GrpcSubchannel = experimental.SubchannelInterface;

/** Who is told of the state of a connection. */
export type GrpcSubchannelListener = experimental.ConnectivityStateListener;

export const BaseSubchannelWrapper: typeof experimental.BaseSubchannelWrapper = experimental.BaseSubchannelWrapper;
export const ChildLoadBalancerHandler: typeof experimental.ChildLoadBalancerHandler =
  experimental.ChildLoadBalancerHandler;
export const createChildChannelControlHelper: typeof experimental.createChildChannelControlHelper =
  experimental.createChildChannelControlHelper;
export const parseLoadBalancingConfig: typeof experimental.parseLoadBalancingConfig =
  experimental.parseLoadBalancingConfig;
export const PickResultType: typeof experimental.PickResultType = experimental.PickResultType;
export const registerLoadBalancerType: typeof experimental.registerLoadBalancerType =
  experimental.registerLoadBalancerType;
export const registerResolver: typeof experimental.registerResolver = experimental.registerResolver;
export const splitHostPort: typeof experimental.splitHostPort = experimental.splitHostPort;
export const statusOrFromError: typeof experimental.statusOrFromError = experimental.statusOrFromError;
export const statusOrFromValue: typeof experimental.statusOrFromValue = experimental.statusOrFromValue;
export const SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX: typeof experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX =
  experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX;
export const subchannelAddressToString: typeof experimental.subchannelAddressToString =
  experimental.subchannelAddressToString;
export const UnavailablePicker: typeof experimental.UnavailablePicker = experimental.UnavailablePicker;
export const uriToString: typeof experimental.uriToString = experimental.uriToString;
