// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientHttp2Session, ClientHttp2Stream, Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { formatMs } from "../engine/format.ts";
import { expectSocket } from "./expect-socket.ts";
import { explainHandshake, watchForTlsServer } from "./mode-mismatch.ts";
import type { SecureConnection } from "./surface.ts";
import { Suspicion, suspicionRules } from "./suspicion.ts";
import { setUserTimeout } from "./user-timeout.ts";

/** What the connections of a client keep to. */
export interface ConnectionRules {
  /** TCP, TLS and the HTTP/2 handshake together. */
  readonly connectTimeoutMs: number;
  /** How long sent data may stay unacknowledged, where the system lets us say so (TCP_USER_TIMEOUT, gRFC A18). */
  readonly unacknowledgedTimeoutMs: number;
}

interface Connection {
  readonly socket: Socket;
  readonly suspicion: Suspicion;
}

/**
 * The connections of one client. grpc-js makes them and keeps them; here each gets a connect timeout, which grpc-js does not
 * have, and is found out when it is dead although calls go on failing on it.
 */
export class Connections {
  readonly #rules: ConnectionRules;
  /** By the address of the server, as `Call.getPeer` names it. */
  readonly #byPeer: Map<string, Connection> = new Map();

  constructor(rules: ConnectionRules) {
    this.#rules = rules;
  }

  /** grpc-js is about to open a socket for this client. */
  expect(): void {
    expectSocket((socket) => this.#limitConnecting(socket));
  }

  /** A socket of ours is connected: secures it and takes note of it. */
  async open(socket: Socket, secure: () => Promise<SecureConnection>): Promise<SecureConnection> {
    // grpc-js no longer listens, and TLS does not listen yet: an error in between would end the process.
    socket.on("error", ignore);
    try {
      const handshake = this.#limitHandshake(socket);
      await setUserTimeout(socket, this.#rules.unacknowledgedTimeoutMs);
      if (socket.destroyed) {
        throw socket.errored ?? new Error("the connection was closed before it was secured");
      }
      const connection = await secure().catch((error) => {
        throw explainHandshake(error);
      });
      handshake.carriedBy = connection.socket;
      if (!connection.secure) {
        watchForTlsServer(socket);
      }
      this.#note(socket);
      return connection;
    } finally {
      // grpc-js adds its own listener in the turn of the event loop that this promise resolves in.
      setImmediate(() => socket.off("error", ignore));
    }
  }

  /** A call to this server ran out of time. When that makes its connection suspect, it is pinged, and closed if it is dead. */
  onTimeout(peer: string | undefined): void {
    const connection = peer === undefined ? undefined : this.#byPeer.get(peer);
    if (connection?.suspicion.onTimeout(connection.socket.bytesRead, performance.now())) {
      onNextStream("start", connection, suspicionRules.intervalMs, (session) => ping(session, connection));
    }
  }

  #limitConnecting(socket: Socket): void {
    const { connectTimeoutMs } = this.#rules;
    startedAtMs.set(socket, performance.now());
    const timer = setTimeout(() => {
      if (socket.connecting) {
        socket.destroy(new Error(`no TCP connection within the connect timeout of ${formatMs(connectTimeoutMs)}`));
      }
    }, connectTimeoutMs).unref();
    socket.once("connect", () => clearTimeout(timer));
  }

  #limitHandshake(socket: Socket): { carriedBy: Socket | undefined } {
    const { connectTimeoutMs } = this.#rules;
    const handshake: { carriedBy: Socket | undefined } = { carriedBy: undefined };
    const spentMs = performance.now() - (startedAtMs.get(socket) ?? performance.now());
    const timer = setTimeout(
      () => {
        // A server that speaks HTTP/2 has sent its settings by now. What the TLS handshake received does not count.
        if ((handshake.carriedBy?.bytesRead ?? 0) === 0) {
          socket.destroy(new Error(`no HTTP/2 connection within the connect timeout of ${formatMs(connectTimeoutMs)}`));
        }
      },
      Math.max(0, connectTimeoutMs - spentMs),
    ).unref();
    socket.once("close", () => clearTimeout(timer));
    return handshake;
  }

  #note(socket: Socket): void {
    const peer = peerOf(socket);
    const connection = { socket, suspicion: new Suspicion() };
    this.#byPeer.set(peer, connection);
    socket.once("close", () => {
      if (this.#byPeer.get(peer) === connection) {
        this.#byPeer.delete(peer);
      }
    });
  }
}

function ignore(): void {}

/** When a socket began to connect. */
const startedAtMs = new WeakMap<Socket, number>();

/** The address of a server, as `Call.getPeer` writes it. */
function peerOf({ remoteAddress, remoteFamily, remotePort }: Socket): string {
  return remoteFamily === "IPv6" ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/**
 * Waits for the next stream of a connection, or the next response on it (`finish`), and hands over the HTTP/2 session. grpc-js
 * does not give the session away, but a stream does; and a connection that is suspect has traffic, or nobody would suspect it.
 */
function onNextStream(
  event: "start" | "finish",
  { socket }: Connection,
  forgetMs: number | undefined,
  task: (session: Http2Session) => void,
): void {
  const name = `http2.client.stream.${event}`;
  const stop = (): void => {
    unsubscribe(name, onStream);
    clearTimeout(timer);
    socket.off("close", stop);
  };
  const onStream = (message: unknown): void => {
    const { session } = (message as { stream: ClientHttp2Stream }).stream;
    if (session !== undefined && isOn(session, socket)) {
      stop();
      task(session);
    }
  };
  subscribe(name, onStream);
  const timer = forgetMs === undefined ? undefined : setTimeout(stop, forgetMs).unref();
  socket.once("close", stop);
}

function isOn(
  session: ClientHttp2Session | { readonly socket: unknown },
  { localPort, remotePort, remoteAddress }: Socket,
): boolean {
  const socket = session.socket as Socket;
  return socket.localPort === localPort && socket.remotePort === remotePort && socket.remoteAddress === remoteAddress;
}

function ping(session: Pick<Http2Session, "ping">, connection: Connection): void {
  const { socket, suspicion } = connection;
  const { answerMs } = suspicionRules;
  const timer = setTimeout(() => {
    const reason = `the server did not answer a ping within ${formatMs(answerMs)} while calls ran out of time`;
    // The code has grpc-js take it for a lost connection, not for a fault of its own.
    socket.destroy(Object.assign(new Error(reason), { code: "ETIMEDOUT" }));
  }, answerMs).unref();
  session.ping((lost) => {
    clearTimeout(timer);
    if (lost === null) {
      suspicion.onAnswer(socket.bytesRead);
      onNextStream("finish", connection, undefined, () => suspicion.onResponse());
    }
  });
}
