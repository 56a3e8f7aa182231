// SPDX-License-Identifier: Apache-2.0
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { goAway, type Leaving } from "./go-away.ts";

/** A watch lasts as long as its client; it is no work that a server should wait for. */
const watchPath = "/grpc.health.v1.Health/Watch";

/** One HTTP/2 connection to a server. */
export interface Connection {
  /** Address and port of the client. */
  readonly peer: string;
  readonly session: ServerHttp2Session;
  /** How many calls are open, health watches left out. */
  readonly calls: number;
  /** How many streams are open, health watches included. */
  readonly streams: number;
  /** Whether HEADERS or DATA were sent since this was last asked. */
  takeHasSent(): boolean;
  /** A stream was opened. */
  onStream(stream: ServerHttp2Stream, path: string | undefined): void;
  /** Asks the client to open no more calls; closes after the last one. The reason is for the client's logs. */
  leave(reason: string): void;
  /** Closes the TCP connection under the session. Clients see UNAVAILABLE, as for any connection that is lost. */
  cut(): void;
}

/** Is told when the last stream of a connection is closed, or the first one opened. */
export type OnIdleChange = (isIdle: boolean) => void;

/** Keeps the books of a connection. */
export function createConnection(
  session: ServerHttp2Session,
  socket: Duplex | undefined,
  onIdleChange: OnIdleChange,
): Connection {
  const open = new Set<ServerHttp2Stream>();
  const headersSeen = new WeakSet<ServerHttp2Stream>();
  const peer = `${session.socket.remoteAddress}:${session.socket.remotePort}`;
  let calls = 0;
  let hasSent = false;
  let leaving: Leaving | undefined;

  const noteHeaders = (stream: ServerHttp2Stream): void => {
    if (stream.headersSent && !headersSeen.has(stream)) {
      headersSeen.add(stream);
      hasSent = true;
    }
  };
  return {
    peer,
    session,
    get calls() {
      return calls;
    },
    get streams() {
      return open.size;
    },
    takeHasSent() {
      for (const stream of open) {
        noteHeaders(stream);
      }
      const taken = hasSent;
      hasSent = false;
      return taken;
    },
    onStream(stream, path) {
      const weight = path === watchPath ? 0 : 1;
      open.add(stream);
      calls += weight;
      if (open.size === 1) {
        onIdleChange(false);
      }
      onWrite(stream, () => {
        hasSent = true;
      });
      stream.once("close", () => {
        noteHeaders(stream);
        open.delete(stream);
        calls -= weight;
        if (open.size === 0) {
          leaving?.onIdle();
          onIdleChange(true);
        }
      });
    },
    leave(reason) {
      leaving ??= goAway(session, open.size === 0, reason);
    },
    cut: () => (socket ?? session).destroy(),
  };
}

/** A stream has no event for what is written to it. */
function onWrite(stream: ServerHttp2Stream, task: () => void): void {
  const write = stream.write as (...parts: unknown[]) => boolean;
  stream.write = (...parts: unknown[]): boolean => {
    task();
    return write.apply(stream, parts);
  };
}
