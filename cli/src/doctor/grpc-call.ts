// SPDX-License-Identifier: Apache-2.0
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  sensitiveHeaders,
} from "node:http2";
import { statusCodeName } from "@talaria/runtime/diagnose";
import { version } from "../version.ts";
import type { Budget } from "./budget.ts";

/** How a call ended. */
export interface GrpcReply {
  /** The gRPC name of the status. */
  readonly status: string;
  readonly statusMessage: string;
  /** The first message. */
  readonly message: Uint8Array | undefined;
}

/** Where calls are made. */
export interface GrpcPeer {
  readonly session: ClientHttp2Session;
  readonly authority: string;
  readonly scheme: "http" | "https";
  /** The bearer token that calls carry. */
  readonly token: string | undefined;
  readonly budget: Budget;
}

/** The message of a status that HTTP alone has told: a server that knows no gRPC at all would say the same. */
export const notFound = "HTTP 404";

const mostBytes = 16 * 1024 * 1024;
const headBytes = 5;
/** `grpc-timeout` has eight digits at most. */
const mostMillis = 99_999_999;

/**
 * Sends one message and reads one. Our own small client: the doctor has to know which connection it uses. It is used for health and
 * reflection only; no method of the application is ever called.
 *
 * @throws an Error when what answers is no gRPC server, NotInTime when nothing does.
 */
export async function callOnce(peer: GrpcPeer, path: string, request: Uint8Array): Promise<GrpcReply> {
  const stream = startCall(peer, path);
  try {
    stream.end(frame(request));
    return await peer.budget.wait(readReply(stream));
  } finally {
    stream.destroy();
  }
}

/** Starts a call. Whoever starts it ends it. */
export function startCall({ session, authority, scheme, token, budget }: GrpcPeer, path: string): ClientHttp2Stream {
  const stream = session.request(
    {
      ":method": "POST",
      ":scheme": scheme,
      ":path": path,
      ":authority": authority,
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-timeout": `${Math.min(Math.max(1, Math.ceil(budget.leftMs)), mostMillis)}m`,
      "user-agent": `talaria-doctor/${version}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}`, [sensitiveHeaders]: ["authorization"] }),
    },
    { endStream: false },
  );
  stream.on("error", () => {});
  return stream;
}

/** A message as it goes over the wire, not compressed. */
export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function readReply(stream: ClientHttp2Stream): Promise<GrpcReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  return new Promise((resolve, reject) => {
    stream.on("response", (headers) => {
      head = headers;
    });
    stream.on("trailers", (headers) => {
      trailers = headers;
    });
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > mostBytes) {
        reject(new Error(`the answer has more than ${mostBytes / 1024 / 1024} MiB`));
        stream.destroy();
      }
    });
    stream.on("error", reject);
    stream.on("close", () => {
      try {
        resolve(replyOf(head, trailers, Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function replyOf(head: IncomingHttpHeaders, trailers: IncomingHttpHeaders, body: Buffer): GrpcReply {
  const { ":status": httpStatus, "content-type": contentType } = head;
  if (httpStatus === undefined) {
    throw new Error("the call was cut off before it was answered");
  }
  const status = trailers["grpc-status"] ?? head["grpc-status"];
  if (status === undefined && Number(httpStatus) === 404) {
    // As gRPC clients take it: connect-node, for one, says so of a service that it does not have.
    return { status: "UNIMPLEMENTED", statusMessage: notFound, message: undefined };
  }
  if (status === undefined && !String(contentType).startsWith("application/grpc")) {
    throw new Error(`HTTP ${httpStatus} with content-type ${contentType ?? "none"} answers: that is no gRPC server`);
  }
  return {
    status: status === undefined ? "UNKNOWN" : statusCodeName(Number(status)),
    statusMessage: decode(trailers["grpc-message"] ?? head["grpc-message"]),
    message: firstMessage(body),
  };
}

function firstMessage(body: Buffer): Uint8Array | undefined {
  if (body.length < headBytes) {
    return undefined;
  }
  if (body[0] !== 0) {
    throw new Error("the answer is compressed, although nobody said that it may be");
  }
  return body.subarray(headBytes, headBytes + body.readUInt32BE(1));
}

/** `grpc-message` is percent-encoded. */
function decode(text: string | string[] | undefined): string {
  const written = String(text ?? "");
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
