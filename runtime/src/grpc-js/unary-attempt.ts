// SPDX-License-Identifier: Apache-2.0
import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Channel, status as Status } from "@grpc/grpc-js";
import type { AttemptHandle, AttemptOptions, EndKind, UnaryEnd, UnaryObserver } from "../wire.ts";
import { classify, isTimeUp } from "./classify.ts";
import { statusError } from "./error.ts";
import { pushbackOf, requestMetadata, responseHeaders } from "./metadata.ts";
import { decodeMessage, type EncodedMessage } from "./prepare.ts";
import {
  createCall,
  type GrpcCall,
  type GrpcListener,
  type GrpcMetadata,
  pickedPeer,
  type StatusObject,
} from "./surface.ts";

/**
 * One attempt of a unary method on a grpc-js channel. It is listener, handle and end in one object, because it is made for
 * every call, and an object is what a call costs.
 */
export class UnaryAttempt implements GrpcListener, AttemptHandle, UnaryEnd {
  kind: EndKind = "local";
  code: number = Code.Internal;
  message: Message | undefined;
  readonly #channel: Channel;
  readonly #method: DescMethodUnary;
  readonly #observer: UnaryObserver;
  readonly #call: GrpcCall;
  readonly #endsAtMs: number | undefined;
  #cancelled = false;
  #headerMetadata: GrpcMetadata | undefined;
  #status: StatusObject | undefined;
  #response: Uint8Array | undefined;
  #extraResponse = false;
  #failure: ConnectError | undefined;

  constructor(
    channel: Channel,
    path: string,
    method: DescMethodUnary,
    request: EncodedMessage,
    options: AttemptOptions,
    observer: UnaryObserver,
  ) {
    this.#channel = channel;
    this.#method = method;
    this.#observer = observer;
    const metadata = requestMetadata(options);
    this.#call = createCall(channel, path, options.timeoutMs);
    this.#endsAtMs = options.timeoutMs === undefined ? undefined : performance.now() + options.timeoutMs;
    this.#call.start(metadata, this);
    this.#call.startRead();
    this.#call.sendMessageWithContext({}, request.bytes);
    this.#call.halfClose();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#call.cancelWithStatus(Status.CANCELLED, "cancelled by the caller");
  }

  onReceiveMetadata(metadata: GrpcMetadata): void {
    this.#headerMetadata = metadata;
  }

  onReceiveMessage(message: Uint8Array): void {
    this.#extraResponse = this.#response !== undefined;
    this.#response = message;
    // grpc-js reports the status only to a reader that still wants more.
    this.#call.startRead();
  }

  onReceiveStatus(status: StatusObject): void {
    this.#status = status;
    const facts = {
      headersReceived: this.#headerMetadata !== undefined,
      cancelled: this.#cancelled,
      timeUp: isTimeUp(this.#endsAtMs),
      picked: this.peer !== undefined,
    };
    const { kind, code } = status.code === Status.OK ? ok : classify(status, facts);
    this.kind = kind;
    this.code = code;
    if (code === Status.OK) {
      this.#readResponse();
    }
    this.#observer.onEnd(this);
  }

  get peer(): string | undefined {
    return pickedPeer(this.#channel, this.#call);
  }

  get pushback(): string | undefined {
    return pushbackOf(this.#status?.metadata);
  }

  header(): Headers {
    return responseHeaders(this.#headerMetadata);
  }

  trailer(): Headers {
    return responseHeaders(this.#status?.metadata);
  }

  error(): ConnectError {
    if (this.#failure !== undefined || this.#status === undefined) {
      return this.#failure ?? new ConnectError("the attempt has not ended", Code.Internal);
    }
    return statusError(this.code, this.#status.details, this.#headerMetadata, this.#status.metadata);
  }

  #readResponse(): void {
    if (this.#response === undefined || this.#extraResponse) {
      const count = this.#extraResponse ? "more than one response message" : "no response message";
      this.#fail(new ConnectError(`protocol error: ${count} for a unary method`, Code.Unimplemented));
      return;
    }
    try {
      this.message = decodeMessage(this.#method, this.#response);
    } catch (error) {
      this.#fail(ConnectError.from(error, Code.Internal));
    }
  }

  #fail(failure: ConnectError): void {
    this.#failure = failure;
    this.kind = "local";
    this.code = failure.code;
  }
}

const ok = { kind: "server", code: Status.OK } as const;
