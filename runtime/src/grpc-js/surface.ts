// SPDX-License-Identifier: Apache-2.0
import type { Channel, experimental, StatusObject } from "@grpc/grpc-js";

// The one file that names what grpc-js does not promise to keep: `Channel.createCall` and the call it returns are exported
// but "not part of the public API". Hence the pin to a minor version, and `surface.test.ts`, which fails when it moves.

/** A call as `Channel.createCall` returns it. */
export type GrpcCall = ReturnType<Channel["createCall"]>;

/** What a call reports to. */
export type GrpcListener = Parameters<GrpcCall["start"]>[1];

export type GrpcMetadata = Parameters<GrpcListener["onReceiveMetadata"]>[0];

/** Creates a call on a channel. Throws when the channel is closed. */
export function createCall(channel: Channel, path: string, timeoutMs: number | undefined): GrpcCall {
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
  return channel.createCall(path, deadline, null, null, null);
}

/** Whether a call got as far as a backend; until then its peer is the target. */
export function pickedPeer(channel: Channel, call: GrpcCall): string | undefined {
  const peer = call.getPeer();
  return peer === "unknown" || peer === channel.getTarget() ? undefined : peer;
}

export type { StatusObject };

/** Where a channel leads, as its credentials are told. */
export type GrpcTarget = experimental.GrpcUri;

/** What channel credentials secure a connection with. */
export type SecureConnector = experimental.SecureConnector;

/** A connection that is secured, or meant not to be. */
export type SecureConnection = experimental.SecureConnectResult;
