// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import { fail, loseConnection, refuseConnection, reply, replyAll, type ScriptedAnswer } from "@talaria/runtime/testing";
import { statusCodeNumber } from "../../runtime/src/status-code.ts";
import { Fields, VectorError } from "./fields.ts";

/** What the server, or the channel before it, does to one request. */
export interface ScriptedRequest {
  readonly answer: ScriptedAnswer<Record<string, never>>;
  /** The request is not the server's to answer: this process refuses it. */
  readonly dropped: boolean;
  /** The channel sends it again by itself: always when it was never sent, once a call when it was refused (gRFC A6). */
  readonly transparentRetry: "never" | "once" | "always";
  /** A response message comes before the failure. */
  readonly committed: boolean;
}

/** What happens to requests, by their number from 0. */
export type RequestScript = (index: number) => ScriptedRequest;

/** Reads `attempts` of a vector; the last one repeats. */
export function readAttempts(vector: Fields, name: string): RequestScript {
  const attempts = vector.list(name).map((json, index) => readAttempt(json, `${vector.where}.${name}[${index}]`));
  return (index) => attempts[Math.min(index, attempts.length - 1)] ?? answerWith("OK");
}

/** A server that answers at once. */
export function answerWith(code: StatusCode): ScriptedRequest {
  return { answer: statusAnswer(code, {}), dropped: false, transparentRetry: "never", committed: false };
}

/** Reads a status code, or an object with a code and more. */
function readAttempt(json: unknown, where: string): ScriptedRequest {
  if (typeof json === "string") return answerWith(json as StatusCode);
  const fields = new Fields(json, where);
  const code = fields.string("code") as StatusCode;
  const delayMs = fields.optionalNumber("latency") ?? 0;
  const progress = fields.optional("progress", fields.string) ?? "processed";
  const committed = fields.optional("committed", fields.boolean) ?? false;
  const pushback = fields.any("pushback") as string | string[] | undefined;
  const header = fields.optional("headers_received", fields.boolean) ? {} : undefined;
  fields.end();
  const status = statusAnswer(code, {
    delayMs,
    ...(header === undefined ? {} : { header }),
    ...(pushback === undefined ? {} : { pushbackMs: String(pushback) }),
  });
  return {
    answer: committed ? replyAll([{}], { delayMs, end: status as ScriptedAnswer<never> }) : lostAs(progress, status),
    dropped: progress === "drop",
    transparentRetry: transparentRetryOf(progress, where),
    committed,
  };
}

type StatusOptions = NonNullable<Parameters<typeof fail>[1]>;

function statusAnswer(code: StatusCode, options: StatusOptions): ScriptedAnswer<Record<string, never>> {
  return code === "OK" ? reply({}, options) : fail(statusCodeNumber(code), options);
}

function lostAs(
  progress: string,
  answer: ScriptedAnswer<Record<string, never>>,
): ScriptedAnswer<Record<string, never>> {
  const { delayMs } = answer;
  if (progress === "connection_lost") return loseConnection({ delayMs });
  return progress === "refused" || progress === "not_sent" ? refuseConnection({ delayMs }) : answer;
}

function transparentRetryOf(progress: string, where: string): ScriptedRequest["transparentRetry"] {
  switch (progress) {
    case "processed":
    case "connection_lost":
    case "drop":
      return "never";
    case "refused":
      return "once";
    case "not_sent":
      return "always";
    default:
      throw new VectorError(`${where}.progress must be processed, connection_lost, refused, not_sent or drop`);
  }
}
