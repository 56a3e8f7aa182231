// SPDX-License-Identifier: Apache-2.0
import { type Channel, status as Status } from "@grpc/grpc-js";
import {
  type ConnectionListener,
  type ConnectionStatus,
  createCall,
  type GrpcCall,
  type GrpcListener,
  type GrpcMetadata,
} from "./surface.ts";

/** Starts a call that the channel finds a connection for. Throws when the channel is closed. */
export function startOnChannel(
  channel: Channel,
  path: string,
  metadata: GrpcMetadata,
  timeoutMs: number | undefined,
  listener: GrpcListener,
): GrpcCall {
  const call = createCall(channel, path, timeoutMs);
  call.start(metadata, new ChannelListener(call, listener));
  return call;
}

/** Hears of a call through the channel, and mends what grpc-js does at its end. */
class ChannelListener implements ConnectionListener {
  readonly #call: GrpcCall;
  readonly #listener: GrpcListener;

  constructor(call: GrpcCall, listener: GrpcListener) {
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
