// SPDX-License-Identifier: Apache-2.0
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { HeaderInit } from "../wire.ts";

/** How a scripted answer ends an attempt. */
export type ScriptedEnd =
  /** With a status of the server. */
  | {
      readonly kind: "status";
      /** A gRPC status code; 0 is OK. */
      readonly code: number;
      readonly message: string;
      readonly details: ConnectError["details"];
      readonly trailer: HeaderInit;
    }
  /** The connection goes away. `refused`: before the request reached a handler. */
  | { readonly kind: "lost" | "refused" }
  /** Not at all: the server goes silent. */
  | { readonly kind: "never" };

/** What the scripted server does with one attempt. Made by {@link reply}, {@link replyAll}, {@link fail} and the like. */
export interface ScriptedAnswer<Output = unknown> {
  /** How long after the request the answer begins. */
  readonly delayMs: number;
  /** The answer begins once so many request messages have come. Absent: after the whole request. */
  readonly afterMessages: number | undefined;
  /** Response headers. Absent: none are sent before the first message. */
  readonly header: HeaderInit;
  readonly messages: readonly Output[];
  /** How long after each message the next one, or the end, follows. */
  readonly gapMs: number;
  readonly end: ScriptedEnd;
}

/** When an answer begins, and what comes before it. */
export interface AnswerOptions {
  /** How long after the request the answer begins, in milliseconds [0]. */
  readonly delayMs?: number;
  /** For streamed requests: begin once so many request messages have come, and not only after the last. */
  readonly afterMessages?: number;
  /** Response headers. */
  readonly header?: HeaderInit;
}

/** What {@link reply} takes besides the message. */
export interface ReplyOptions extends AnswerOptions {
  /** Response trailers. */
  readonly trailer?: HeaderInit;
}

/** What {@link replyAll} takes besides the messages. */
export interface ReplyAllOptions extends ReplyOptions {
  /** How long after each message the next one, or the end, follows, in milliseconds [0]. */
  readonly gapMs?: number;
  /** How the stream ends after the last message: {@link fail}, {@link loseConnection}, {@link staySilent}. Default: well. */
  readonly end?: ScriptedAnswer<never>;
}

/** What {@link fail} takes besides the code. */
export interface FailOptions extends ReplyOptions {
  /** The status message. */
  readonly message?: string;
  /** Error details; `ConnectError.findDetails()` finds them. */
  readonly details?: readonly { readonly desc: DescMessage; readonly value: object }[];
  /** The trailer `grpc-retry-pushback-ms` (gRFC A6): a delay, a negative number for "not again", or any text. */
  readonly pushbackMs?: number | string;
}

/** Answers with a message and OK. */
export function reply<Output>(message: Output, options: ReplyOptions = {}): ScriptedAnswer<Output> {
  return replyAll([message], options);
}

/** Answers with any number of messages; for methods whose response is a stream. */
export function replyAll<Output>(messages: readonly Output[], options: ReplyAllOptions = {}): ScriptedAnswer<Output> {
  const ok = status(Code.Unknown, { trailer: options.trailer });
  const end = options.end?.end ?? { ...ok, code: 0 };
  return { ...answer(end, { header: {}, ...options }), messages, gapMs: options.gapMs ?? 0 };
}

/**
 * Fails with a status of the server.
 *
 * ```ts
 * fail(Code.Unavailable, { message: "restarting", pushbackMs: 200 });
 * ```
 */
export function fail(code: Code, options: FailOptions = {}): ScriptedAnswer<never> {
  return answer(status(code, options), options);
}

/** Loses the connection: whether the server executed the request, nobody knows. */
export function loseConnection(options: AnswerOptions = {}): ScriptedAnswer<never> {
  return answer({ kind: "lost" }, options);
}

/** Refuses the connection: the request provably reached no handler. */
export function refuseConnection(options: AnswerOptions = {}): ScriptedAnswer<never> {
  return answer({ kind: "refused" }, options);
}

/** Never answers. With a `header`: sends that, and then nothing more. */
export function staySilent(options: AnswerOptions = {}): ScriptedAnswer<never> {
  return answer({ kind: "never" }, options);
}

function answer(end: ScriptedEnd, { delayMs = 0, afterMessages, header }: AnswerOptions): ScriptedAnswer<never> {
  return { delayMs, afterMessages, header, messages: [], gapMs: 0, end };
}

function status(
  code: Code,
  { message = "", details = [], trailer, pushbackMs }: Partial<FailOptions>,
): ScriptedEnd & { kind: "status" } {
  const trailers = new Headers(trailer);
  if (pushbackMs !== undefined) {
    trailers.set("grpc-retry-pushback-ms", String(pushbackMs));
  }
  return {
    kind: "status",
    code,
    message,
    trailer: trailers,
    details: details.map(({ desc, value }) => ({
      type: desc.typeName,
      value: toBinary(desc, create(desc, value as MessageInitShape<DescMessage>)),
    })),
  };
}
