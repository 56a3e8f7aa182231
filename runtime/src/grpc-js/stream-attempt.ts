// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Channel, status as Status } from "@grpc/grpc-js";
import type { AttemptEnd, AttemptOptions, EndKind, StreamHandle, StreamObserver } from "../wire.ts";
import { startOnChannel } from "./channel-call.ts";
import { noteEnd } from "./classify.ts";
import { statusError } from "./error.ts";
import { pushbackOf, requestMetadata, responseHeaders, sayableTimeoutMs } from "./metadata.ts";
import { decodeMessage, type EncodedMessage } from "./prepare.ts";
import { type GrpcCall, type GrpcListener, type GrpcMetadata, pickedPeer, type StatusObject } from "./surface.ts";

/** One attempt of a streaming method on a grpc-js channel: listener, handle and end in one object. */
export class StreamAttempt implements GrpcListener, StreamHandle, AttemptEnd {
  kind: EndKind = "local";
  code: number = Code.Internal;
  readonly #channel: Channel;
  readonly #method: DescMethodStreaming;
  readonly #observer: StreamObserver;
  readonly #call: GrpcCall;
  readonly #endsAtMs: number | undefined;
  #cancelled = false;
  #headerMetadata: GrpcMetadata | undefined;
  #status: StatusObject | undefined;
  #failure: ConnectError | undefined;

  constructor(
    channel: Channel,
    path: string,
    method: DescMethodStreaming,
    options: AttemptOptions,
    observer: StreamObserver,
  ) {
    this.#channel = channel;
    this.#method = method;
    this.#observer = observer;
    // Before grpc-js starts its timer: a timer must not be up before its time.
    const timeoutMs = sayableTimeoutMs(options.timeoutMs);
    this.#endsAtMs = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    this.#call = startOnChannel(channel, path, requestMetadata(options), timeoutMs, this);
  }

  send(message: EncodedMessage, onWritten: () => void): void {
    this.#call.sendMessageWithContext({ callback: onWritten }, message.bytes);
  }

  halfClose(): void {
    this.#call.halfClose();
  }

  requestMessage(): void {
    this.#call.startRead();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#call.cancelWithStatus(Status.CANCELLED, "cancelled by the caller");
  }

  onReceiveMetadata(metadata: GrpcMetadata): void {
    this.#headerMetadata = metadata;
    this.#observer.onHeader(() => responseHeaders(metadata));
  }

  onReceiveMessage(bytes: Uint8Array): void {
    if (this.#failure !== undefined) {
      return;
    }
    try {
      this.#observer.onMessage(decodeMessage(this.#method, bytes));
    } catch (error) {
      this.#failure = ConnectError.from(error, Code.Internal);
      this.#call.cancelWithStatus(Status.INTERNAL, "the response message cannot be read");
    }
  }

  onReceiveStatus(status: StatusObject): void {
    this.#status = status;
    if (this.#failure === undefined) {
      noteEnd(this, status, this.#headerMetadata !== undefined, this.#cancelled, this.#endsAtMs);
    }
    this.#observer.onEnd(this);
  }

  get peer(): string | undefined {
    return pickedPeer(this.#channel, this.#call);
  }

  get pushback(): string | undefined {
    return pushbackOf(this.#status?.metadata);
  }

  trailer(): Headers {
    return responseHeaders(this.#status?.metadata);
  }

  error(): ConnectError {
    return (
      this.#failure ?? statusError(this.code, this.#status?.details ?? "", this.#headerMetadata, this.#status?.metadata)
    );
  }
}
