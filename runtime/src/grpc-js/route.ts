// SPDX-License-Identifier: Apache-2.0
import type { Channel } from "@grpc/grpc-js";
import { startOnChannel } from "./channel-call.ts";
import { DirectCall, type UnaryStart } from "./direct-call.ts";
import type { DirectLine } from "./direct-line.ts";
import { type ConnectionListener, type GrpcCall, pickedPeer } from "./surface.ts";

/** How the calls of a client get to a connection. */
export interface GrpcRoute {
  readonly channel: Channel;
  /** Absent: only the channel knows what its calls give as `:authority`. */
  readonly line: DirectLine | undefined;
}

/** Starts a unary call: straight on a connection when one is ready, and through the channel when it has to wait for one. */
export function startUnary(route: GrpcRoute, start: UnaryStart, listener: ConnectionListener): DirectCall | GrpcCall {
  return startDirectly(route, start, listener) ?? startThroughChannel(route.channel, start, listener);
}

/** The server that a call was sent to, if any. */
export function peerOf({ channel }: GrpcRoute, call: DirectCall | GrpcCall): string | undefined {
  return call instanceof DirectCall ? call.peer : pickedPeer(channel, call);
}

function startDirectly(
  { channel, line }: GrpcRoute,
  start: UnaryStart,
  listener: ConnectionListener,
): DirectCall | undefined {
  const pick = line?.pick(channel);
  if (line === undefined || pick === undefined || (start.timeoutMs ?? 1) <= 0) {
    return undefined;
  }
  try {
    return new DirectCall(pick, line.authority, start, listener);
  } catch {
    // The connection was lost since it became ready: the channel waits for another.
    return undefined;
  }
}

function startThroughChannel(
  channel: Channel,
  { path, metadata, request, timeoutMs }: UnaryStart,
  listener: ConnectionListener,
): GrpcCall {
  const call = startOnChannel(channel, path, metadata, timeoutMs, listener);
  call.startRead();
  call.sendMessageWithContext({}, request.bytes);
  call.halfClose();
  return call;
}
