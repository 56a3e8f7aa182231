// SPDX-License-Identifier: Apache-2.0
import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import type { AttemptHandle, AttemptOptions, EndKind, UnaryEnd, UnaryObserver } from "../wire.ts";
import { noteEnd } from "./classify.ts";
import { DirectCall } from "./direct-call.ts";
import { statusError } from "./error.ts";
import { pushbackOf, requestMetadata, responseHeaders, sayableTimeoutMs } from "./metadata.ts";
import { decodeMessage, type EncodedMessage } from "./prepare.ts";
import { type GrpcRoute, peerOf, startUnary } from "./route.ts";
import {
  type ConnectionListener,
  type ConnectionStatus,
  type GrpcCall,
  type GrpcMetadata,
  isRefusedStream,
} from "./surface.ts";

/**
 * One attempt of a unary method on a grpc-js channel. It is listener, handle and end in one object, because it is made for
 * every call, and an object is what a call costs.
 */
export class UnaryAttempt implements ConnectionListener, AttemptHandle, UnaryEnd {
  kind: EndKind = "local";
  code: number = Code.Internal;
  message: Message | undefined;
  readonly #route: GrpcRoute;
  readonly #path: string;
  readonly #method: DescMethodUnary;
  readonly #metadata: GrpcMetadata;
  readonly #request: EncodedMessage;
  /** Absent since it has ended, as are its options: who keeps an end, e.g. as a breaker's last failure, must not keep its call. */
  #observer: UnaryObserver | undefined;
  readonly #endsAtMs: number | undefined;
  #call: DirectCall | GrpcCall;
  #cancelled = false;
  #options: AttemptOptions | undefined;
  #headerMetadata: GrpcMetadata | undefined;
  #status: ConnectionStatus | undefined;
  #response: Uint8Array | undefined;
  #extraResponse = false;
  #failure: ConnectError | undefined;

  constructor(
    route: GrpcRoute,
    path: string,
    method: DescMethodUnary,
    request: EncodedMessage,
    options: AttemptOptions,
    observer: UnaryObserver,
  ) {
    this.#route = route;
    this.#path = path;
    this.#method = method;
    this.#metadata = requestMetadata(options);
    this.#request = request;
    this.#observer = observer;
    this.#options = options;
    const timeoutMs = sayableTimeoutMs(options.timeoutMs);
    this.#endsAtMs = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    this.#call = this.#start(timeoutMs);
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

  onReceiveStatus(status: ConnectionStatus): void {
    if (this.#isRefused(status) && this.#startAgain()) {
      return;
    }
    this.#status = status;
    noteEnd(this, status, this.#headerMetadata !== undefined, this.#cancelled, this.#endsAtMs);
    if (status.code === Status.OK) {
      this.#readResponse();
    }
    const observer = this.#observer;
    this.#observer = undefined;
    this.#options = undefined;
    observer?.onEnd(this);
  }

  get peer(): string | undefined {
    return peerOf(this.#route, this.#call);
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

  #start(timeoutMs: number | undefined): DirectCall | GrpcCall {
    const start = { path: this.#path, metadata: this.#metadata, request: this.#request, timeoutMs };
    return startUnary(this.#route, start, this);
  }

  #isRefused(status: ConnectionStatus): boolean {
    return this.#call instanceof DirectCall
      ? isRefusedStream(status)
      : status.code === Status.UNAVAILABLE && status.details === "Stream refused by server";
  }

  /** A stream that was refused reached no handler: it is made once more in a call (gRFC A6). A channel has done so by itself. */
  #startAgain(): boolean {
    const may = !this.#cancelled && this.#headerMetadata === undefined && this.#options?.takeResend();
    if (!may || !(this.#call instanceof DirectCall)) {
      return false;
    }
    const leftMs = this.#endsAtMs === undefined ? undefined : Math.ceil(this.#endsAtMs - performance.now());
    try {
      this.#call = this.#start(leftMs);
      return true;
    } catch {
      // The channel was closed meanwhile.
      return false;
    }
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
