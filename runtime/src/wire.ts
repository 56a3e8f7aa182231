// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { ConnectError, ContextValues } from "@connectrpc/connect";
import type { FailureOrigin } from "./engine/failure.ts";

/**
 * What carries attempts to a server. The pipeline above decides when an attempt starts and what its end means; a wire
 * only carries it out.
 *
 * A wire calls back from a fresh turn of the event loop, never from within `startUnary` or `startStream`.
 */
export interface Wire {
  /** Readies a request message, once per call; every attempt of the call sends the result. May throw. */
  prepare(method: DescMethod, message: Message): PreparedMessage;
  /** An attempt at this server ran out of time: its connection may be dead. */
  onTimeout?(peer: string | undefined): void;
  /** Starts an attempt of a unary method. */
  startUnary(
    method: DescMethodUnary,
    request: PreparedMessage,
    attempt: AttemptOptions,
    observer: UnaryObserver,
  ): AttemptHandle;
  /** Starts an attempt of a streaming method. */
  startStream(method: DescMethodStreaming, attempt: AttemptOptions, observer: StreamObserver): StreamHandle;
}

/** A request message in the form that its wire sends. */
export interface PreparedMessage {
  /** How many bytes it has on the wire, or an estimate: what a replay buffer is measured by. */
  readonly byteLength: number;
}

/** What `new Headers()` takes. */
export type HeaderInit = ConstructorParameters<typeof Headers>[0];

/** What is particular to one attempt. */
export interface AttemptOptions {
  /** Request headers of the application. */
  readonly header: HeaderInit;
  /** What the application hands to interceptors. */
  readonly contextValues: ContextValues | undefined;
  /** The attempt ends itself after this time, and the server is told. Absent: it does not. */
  readonly timeoutMs: number | undefined;
  /** How many attempts of the call came before this one: the header `grpc-previous-rpc-attempts`. */
  readonly previousAttempts: number;
  /** Wait while no backend can be reached, instead of failing. */
  readonly waitForReady: boolean;
  /** Whether a request that the server refused to take may be sent again at once: once in a call (gRFC A6). */
  takeResend(): boolean;
}

/** An attempt under way. */
export interface AttemptHandle {
  /** Ends the attempt as cancelled. Its observer still hears of the end. */
  cancel(): void;
}

/** An attempt under way whose messages stream. */
export interface StreamHandle extends AttemptHandle {
  /** Sends a message. Not before the previous one was written. */
  send(message: PreparedMessage, onWritten: () => void): void;
  /** Says that no more messages follow. */
  halfClose(): void;
  /** Asks for one more response message. */
  requestMessage(): void;
}

/** Hears of a unary attempt. */
export interface UnaryObserver {
  onEnd(end: UnaryEnd): void;
}

/** Hears of a streaming attempt. */
export interface StreamObserver {
  /** The headers are built when `header` is called. */
  onHeader(header: () => Headers): void;
  onMessage(message: Message): void;
  onEnd(end: AttemptEnd): void;
}

/**
 * Where the end of an attempt came from, as far as a wire can tell: it knows that the time it was given ran out, not whose
 * time that was.
 */
export type EndKind = Exclude<FailureOrigin, "attempt_timeout" | "deadline" | "breaker"> | "timeout";

/** How an attempt ended. */
export interface AttemptEnd {
  readonly kind: EndKind;
  /** A gRPC status code. A lost connection is UNAVAILABLE, whatever the library below called it. */
  readonly code: number;
  /** The address of the server, when one was picked. */
  readonly peer: string | undefined;
  /** The trailer `grpc-retry-pushback-ms` (gRFC A6). */
  readonly pushback: string | undefined;
  /** Built when asked for. */
  trailer(): Headers;
  /** The failure as Connect shows it. Not to be called for OK. */
  error(): ConnectError;
}

/** How a unary attempt ended. */
export interface UnaryEnd extends AttemptEnd {
  /** Built when asked for. */
  header(): Headers;
  /** The response; there is one exactly when the code is OK. */
  readonly message: Message | undefined;
}
