// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { currentCallScope } from "../context/call-scope.ts";

/** What the calls of all kinds of a grpc-js server have in common. */
interface AnswerableCall {
  readonly cancelled?: boolean;
  /** Of a streaming response: its status is under way. */
  readonly writableEnded?: boolean;
  getPath(): string;
  emit(event: "error", error: unknown): boolean;
}

/** How a handler answers a call whose response is one message. */
export type Reply = (error: unknown, ...results: unknown[]) => void;

/**
 * Runs a handler of a grpc-js service, which may be `async`. When it throws or rejects with a status, that is the answer. With
 * anything else the answer is UNKNOWN without the text, which may tell of what is none of the caller's business; the error itself is a
 * warning of the process. grpc-js by itself sends the text of what is thrown, and looks at no promise.
 */
export function runHandler<C extends AnswerableCall>(
  handler: (call: C, reply?: Reply) => unknown,
  call: C,
  reply: Reply | undefined,
): void {
  let replied = false;
  const answer: Reply | undefined =
    reply &&
    ((...results) => {
      replied = true;
      reply(...results);
    });
  const fail = (error: unknown): void => {
    const answered = replied || call.writableEnded === true;
    const isAnswer = isStatus(error) && !answered;
    if (!isAnswer && !isOwnEnd(error)) {
      warn(call.getPath(), error, answered);
    }
    if (answered || call.cancelled === true) {
      return;
    }
    const status = isAnswer ? grpcError(error) : { code: Code.Unknown, details: "the handler failed" };
    if (answer === undefined) {
      call.emit("error", status);
    } else {
      answer(status);
    }
  };
  try {
    Promise.resolve(handler(call, answer)).catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** grpc-js takes the `metadata` of an error for its own, and ends the process when it is Connect's. */
export function grpcError(error: unknown): unknown {
  return error instanceof ConnectError
    ? Object.assign(new Error(error.rawMessage, { cause: error }), { code: error.code, details: error.rawMessage })
    : error;
}

/** Whether an error is meant for the caller: a ConnectError, or what grpc-js takes for a status. */
function isStatus(error: unknown): boolean {
  if (error instanceof ConnectError) {
    return true;
  }
  const { code, details } = (error ?? {}) as { code?: unknown; details?: unknown };
  return typeof code === "number" && code in Code && typeof details === "string";
}

/** Whether a handler ended because its call was cancelled. */
function isOwnEnd(error: unknown): boolean {
  const signal = currentCallScope()?.signal;
  return signal?.aborted === true && error === signal.reason;
}

function warn(path: string, error: unknown, answered: boolean): void {
  const outcome = answered ? "when its call was over already" : "and its caller got UNKNOWN";
  process.emitWarning(
    Object.assign(new Error(`the handler of ${path} failed, ${outcome}: ${String(error)}`, { cause: error }), {
      name: "Warning",
      code: "TALARIA_SERVER",
      ...(error instanceof Error && { detail: error.stack }),
    }),
  );
}
