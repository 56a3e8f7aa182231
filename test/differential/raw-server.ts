// SPDX-License-Identifier: Apache-2.0
import {
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** What the server does to one request, once it has read it. */
export type Action =
  /** Sends a status as the only thing: what gRPC calls trailers-only. */
  | { readonly kind: "status"; readonly code: number; readonly pushback?: string }
  /** Sends headers first, then a status in trailers, as servers of connect-node do. */
  | { readonly kind: "headers_first"; readonly code: number }
  /** Sends headers, a message, and a status. */
  | { readonly kind: "message"; readonly code: number }
  /** Resets the stream. */
  | { readonly kind: "reset"; readonly code: number }
  /** Closes the connection with GOAWAY: this request came too late, and is not looked at. */
  | { readonly kind: "go_away" }
  /** Resets the TCP connection, or does nothing at all. */
  | { readonly kind: "tcp_reset" | "nothing" };

/** What the server saw of a request. */
export interface SeenRequest {
  /** The header `grpc-previous-rpc-attempts`. */
  readonly previous: string | null;
  readonly atMs: number;
}

/** A gRPC server over bare HTTP/2, so that it can do what no well-behaved library does. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Says what happens to the requests of a call; the last action repeats. Answers with what it sees of them, as they come. */
  expectCall(id: string, script: readonly Action[]): readonly SeenRequest[];
}

/** Starts a server; requests tell by the header `x-call` which call they belong to. */
export async function startRawServer(): Promise<RawServer> {
  const sessions = new Set<Http2Session>();
  const calls = new Map<string, { readonly script: readonly Action[]; readonly seen: SeenRequest[] }>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => undefined);
  });
  server.on("stream", (stream, headers) => {
    const call = calls.get(String(headers["x-call"]));
    stream.on("error", () => undefined);
    call?.seen.push({ previous: previousOf(headers), atMs: performance.now() });
    const action = call?.script[Math.min(call.seen.length, call.script.length) - 1];
    stream.resume();
    if (action?.kind === "reset" && action.code === constants.NGHTTP2_REFUSED_STREAM) {
      // A refused stream is refused at once: it reached no handler.
      stream.close(action.code);
      return;
    }
    stream.on("end", () => act(stream, action ?? { kind: "nothing" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    expectCall(id, script) {
      const seen: SeenRequest[] = [];
      calls.set(id, { script, seen });
      return seen;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) {
        session.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function previousOf(headers: IncomingHttpHeaders): string | null {
  const previous = headers["grpc-previous-rpc-attempts"];
  return typeof previous === "string" ? previous : null;
}

const responseHeaders = { ":status": 200, "content-type": "application/grpc+proto" };

/** A message of the echo service whose text is "ok". */
const message = Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x6f, 0x6b]);

function act(stream: ServerHttp2Stream, action: Action): void {
  if (stream.destroyed) {
    return;
  }
  switch (action.kind) {
    case "status": {
      const pushback = action.pushback === undefined ? {} : { "grpc-retry-pushback-ms": action.pushback };
      stream.respond({ ...responseHeaders, ...statusOf(action.code), ...pushback }, { endStream: true });
      break;
    }
    case "headers_first":
    case "message":
      stream.respond(responseHeaders, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(statusOf(action.code)));
      stream.end(action.kind === "message" ? message : undefined);
      break;
    case "reset":
      stream.close(action.code);
      break;
    case "go_away":
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR, (stream.id ?? 1) - 2);
      break;
    case "tcp_reset":
      stream.session?.socket.resetAndDestroy?.();
      break;
    case "nothing":
      break;
  }
}

function statusOf(code: number): Record<string, string> {
  return { "grpc-status": String(code), ...(code === 0 ? {} : { "grpc-message": `status ${code}` }) };
}
