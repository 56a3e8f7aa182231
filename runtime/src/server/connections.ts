// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Server as NetServer, type Socket } from "node:net";
import { type Connection, createConnection } from "./connection.ts";
import { startConnectionLife } from "./connection-life.ts";
import type { AnyHttp2Server } from "./listening-servers.ts";
import { createPingJudge } from "./ping-strikes.ts";
import { refusePings } from "./refuse-pings.ts";
import type { ServerTerms } from "./server-terms.ts";

/** How busy a server is. */
export interface Load {
  /** TCP connections. */
  readonly connections: number;
  /** Calls that are not finished; streams are calls, health watches are none. */
  readonly calls: number;
}

/** Every connection of a server. */
export interface Connections {
  /** Follows a server before it accepts connections. */
  attach(server: AnyHttp2Server): void;
  load(): Load;
  /** Accepts no more connections, and asks all clients to open no more calls. Each connection closes after its last call. */
  leave(): void;
  /** Closes what is left, and says what that was. */
  cut(): Load;
  /** Resolves once the servers have left and no connection is open. */
  readonly empty: Promise<void>;
}

/** What connections report to. */
export interface ConnectionsListener {
  onTooManyPings(peer: string): void;
}

/** Keeps the connections of a server by its terms. */
export function createConnections(
  terms: ServerTerms,
  listener: ConnectionsListener,
  random: () => number = Math.random,
): Connections {
  const servers = new Set<AnyHttp2Server>();
  const sockets = new Map<string, Socket>();
  const open = new Set<Connection>();
  const empty = Promise.withResolvers<void>();
  let hasLeft = false;

  const load = (): Load => ({
    connections: sockets.size,
    calls: [...open].reduce((sum, { calls }) => sum + calls, 0),
  });
  const checkEmpty = (): void => {
    if (hasLeft && sockets.size === 0) {
      empty.resolve();
    }
  };
  const onSocket = (socket: Socket): void => {
    const key = keyOf(socket);
    sockets.set(key, socket);
    socket.once("close", () => {
      sockets.delete(key);
      checkEmpty();
    });
  };
  const onSession = (session: ServerHttp2Session): void => {
    const connection = createConnection(session, sockets.get(keyOf(session.socket)), (isIdle) =>
      life.onIdleChange(isIdle),
    );
    const life = startConnectionLife(connection, terms, random);
    open.add(connection);
    session.once("close", () => {
      open.delete(connection);
      life.end();
    });
    // Before whoever serves the stream can write to it.
    session.prependListener("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
      connection.onStream(stream, headers[":path"]),
    );
    judgePings(connection, terms, listener);
    if (hasLeft) {
      connection.leave("draining");
    }
  };

  return {
    attach(server) {
      servers.add(server);
      server.prependListener("connection", onSocket);
      server.prependListener("session", onSession);
    },
    load,
    leave() {
      hasLeft = true;
      for (const server of servers) {
        // Http2Server.close() would refuse calls that are on their way; what net.Server does is all that is wanted yet.
        NetServer.prototype.close.call(server);
      }
      for (const connection of open) {
        connection.leave("draining");
      }
      checkEmpty();
    },
    cut() {
      const left = load();
      for (const socket of sockets.values()) {
        socket.destroy();
      }
      return left;
    },
    empty: empty.promise,
  };
}

function judgePings(connection: Connection, terms: ServerTerms, listener: ConnectionsListener): void {
  const judge = createPingJudge(terms);
  connection.session.on("ping", () => {
    const verdict = judge({
      nowMs: performance.now(),
      hasCalls: connection.streams > 0,
      hasSent: connection.takeHasSent(),
    });
    if (verdict === "too_many_pings" && !connection.session.destroyed) {
      listener.onTooManyPings(connection.peer);
      refusePings(connection.session);
    }
  });
}

/** The same for a TCP socket and for what TLS or HTTP/2 make of it. */
function keyOf(socket: Pick<Socket, "localAddress" | "localPort" | "remoteAddress" | "remotePort">): string {
  return `${socket.localAddress}:${socket.localPort} ${socket.remoteAddress}:${socket.remotePort}`;
}
