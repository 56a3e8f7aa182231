// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import type { FailureOrigin } from "../../runtime/src/engine/failure.ts";
import { Fields, VectorError } from "./fields.ts";

/** What the server, or the channel before it, does to one request. */
export interface ScriptedAttempt {
  readonly code: StatusCode;
  readonly latencyMs: number;
  readonly origin: FailureOrigin;
  /** The channel sends it again by itself: always when it was never sent, once a call when it was refused (gRFC A6). */
  readonly transparentRetry: "never" | "once" | "always";
  readonly committed: boolean;
  readonly pushback: string | readonly string[] | undefined;
}

/** What happens to requests, by their number from 0. */
export type ScriptedServer = (index: number) => ScriptedAttempt;

/** Reads `attempts` of a vector; the last one repeats. */
export function readAttempts(vector: Fields, name: string): ScriptedServer {
  const attempts = vector.list(name).map((json, index) => readAttempt(json, `${vector.where}.${name}[${index}]`));
  return (index) => attempts[Math.min(index, attempts.length - 1)] ?? answer("OK");
}

/** A server that answers at once. */
export function answer(code: StatusCode): ScriptedAttempt {
  return { code, latencyMs: 0, origin: "server", transparentRetry: "never", committed: false, pushback: undefined };
}

/** Reads a status code, or an object with a code and more. */
function readAttempt(json: unknown, where: string): ScriptedAttempt {
  if (typeof json === "string") return answer(json as StatusCode);
  const fields = new Fields(json, where);
  const attempt = {
    code: fields.string("code") as StatusCode,
    latencyMs: fields.optionalNumber("latency") ?? 0,
    ...readProgress(fields.optional("progress", fields.string) ?? "processed", where),
    committed: fields.optional("committed", fields.boolean) ?? false,
    pushback: fields.any("pushback") as string | string[] | undefined,
  };
  // A server may send headers long before it fails: they commit nothing.
  fields.any("headers_received");
  fields.end();
  return attempt;
}

function readProgress(progress: string, where: string): Pick<ScriptedAttempt, "origin" | "transparentRetry"> {
  switch (progress) {
    case "processed":
      return { origin: "server", transparentRetry: "never" };
    case "connection_lost":
      return { origin: "connection_lost", transparentRetry: "never" };
    case "refused":
      return { origin: "unprocessed", transparentRetry: "once" };
    case "not_sent":
      return { origin: "unprocessed", transparentRetry: "always" };
    case "drop":
      return { origin: "local", transparentRetry: "never" };
    default:
      throw new VectorError(`${where}.progress must be processed, connection_lost, refused, not_sent or drop`);
  }
}
