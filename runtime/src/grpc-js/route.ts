// SPDX-License-Identifier: Apache-2.0
import { type Channel, status as Status } from "@grpc/grpc-js";
import { DirectCall, type UnaryStart } from "./direct-call.ts";
import type { DirectLine } from "./direct-line.ts";
import {
  type ConnectionListener,
  type ConnectionStatus,
  createCall,
  type GrpcCall,
  type GrpcMetadata,
  pickedPeer,
} from "./surface.ts";

/** How the calls of a client get to a connection. */
export interface GrpcRoute {
  readonly channel: Channel;
  /** Absent: only the channel knows what its calls give as `:authority`. */
  readonly line: DirectLine | undefined;
}

/** What a `grpc-timeout` can say in eight digits of seconds: three years. grpc-js ends the process over a few thousand more. */
const longestTimeoutMs = 99_999_999_000;

/** Starts a unary call: straight on a connection when one is ready, and through the channel when it has to wait for one. */
export function startUnary(route: GrpcRoute, start: UnaryStart, listener: ConnectionListener): DirectCall | GrpcCall {
  const known = (start.timeoutMs ?? 0) <= longestTimeoutMs ? start : { ...start, timeoutMs: undefined };
  return startDirectly(route, known, listener) ?? startThroughChannel(route.channel, known, listener);
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
  const call = createCall(channel, path, timeoutMs);
  call.start(metadata, new ChannelListener(call, listener));
  call.startRead();
  call.sendMessageWithContext({}, request.bytes);
  call.halfClose();
  return call;
}

/** Hears of a call through the channel, and mends what grpc-js does at its end. */
class ChannelListener implements ConnectionListener {
  readonly #call: GrpcCall;
  readonly #listener: ConnectionListener;

  constructor(call: GrpcCall, listener: ConnectionListener) {
    this.#call = call;
    this.#listener = listener;
  }

  onReceiveMetadata(metadata: GrpcMetadata): void {
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: Buffer): void {
    this.#listener.onReceiveMessage(message);
  }

  onReceiveStatus(status: ConnectionStatus): void {
    const { code, details, metadata } = status;
    if (code === Status.CANCELLED || code === Status.DEADLINE_EXCEEDED) {
      // What ends in the turn that it starts in is sent to a server all the same, a moment later, and would never end there.
      setImmediate(() => this.#call.cancelWithStatus(code, details));
    }
    // A response that is packed in a way unknown to grpc-js ends a call with neither code nor details.
    this.#listener.onReceiveStatus(details === undefined ? { ...unreadable, metadata } : status);
  }
}

const unreadable = { code: Status.INTERNAL, details: "the response is compressed, but not as its headers say" };
