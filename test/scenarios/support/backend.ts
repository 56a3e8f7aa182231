// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { CertifiedKey } from "../../support/certificates.ts";

/** What a backend says of its health. `unimplemented`: it has no health service. */
export type Health = "SERVING" | "NOT_SERVING" | "unimplemented";

const healthPath = "/grpc.health.v1.Health/Watch";

/** A gRPC server that answers every unary method alike, counts its calls and connections, and ails on command. */
export class Backend implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Calls received, without health watches. */
  calls = 0;
  /** The `:authority` of the latest call. */
  authority: string | undefined;
  connectionsOpened = 0;
  connectionsClosed = 0;
  /** Health watches that are open. */
  watches = 0;
  watchesOpened = 0;
  /** The status of every call: a gRPC code [0]. */
  code = 0;
  /** What it reports of its load with every call, as ORCA has it. Absent: nothing. */
  load: { readonly callsPerSecond: number; readonly utilization: number } | undefined;
  /** How long a call takes [0]. */
  delayMs = 0;
  /** After how long a new connection is asked to close, ± 10 %. Absent: never. */
  maxAgeMs: number | undefined;
  readonly #server: Http2Server | Http2SecureServer;
  readonly #sessions: Set<Http2Session> = new Set();
  readonly #watchers: Set<ServerHttp2Stream> = new Set();
  readonly #held: Set<ServerHttp2Stream> = new Set();
  #health: Health = "unimplemented";

  private constructor(server: Http2Server | Http2SecureServer, host: string) {
    this.#server = server;
    this.host = host;
    this.port = (server.address() as AddressInfo).port;
    server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    server.on("stream", (stream, headers) => {
      stream.on("error", () => undefined);
      if (headers[":path"] === healthPath) {
        this.#onWatch(stream);
      } else {
        this.authority = headers[":authority"];
        this.#onCall(stream, headers.hold !== undefined);
      }
    });
  }

  /** Listens on a loopback address: any of 127.0.0.0/8 needs no set-up. Without a certificate it speaks no TLS. */
  static async start(host = "127.0.0.1", port = 0, tls?: CertifiedKey): Promise<Backend> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    server.listen(port, host);
    await once(server, "listening");
    return new Backend(server, host);
  }

  get address(): string {
    return this.host.includes(":") ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get health(): Health {
    return this.#health;
  }

  /** Changes what health watches are told, open ones included. */
  set health(health: Health) {
    this.#health = health;
    for (const stream of this.#watchers) {
      tellHealth(stream, health);
    }
  }

  /** How many calls with the header `hold` wait for their answer. */
  get heldCalls(): number {
    return this.#held.size;
  }

  /** Answers the calls with the header `hold`. */
  release(): void {
    for (const stream of this.#held) {
      this.#answer(stream);
    }
    this.#held.clear();
  }

  /** Ends all health watches, as a proxy does that limits the length of streams. */
  endWatches(): void {
    for (const stream of this.#watchers) {
      stream.close();
    }
  }

  /** Destroys all connections, as a crash does, and goes on listening. */
  dropConnections(): void {
    for (const session of this.#sessions) {
      session.destroy();
    }
  }

  /** Asks all connections to close when their calls have ended (GOAWAY), and goes on listening. */
  sendGoAway(): void {
    for (const session of this.#sessions) {
      session.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #onSession(session: ServerHttp2Session): void {
    this.connectionsOpened += 1;
    this.#sessions.add(session);
    session.on("error", () => undefined);
    const age =
      this.maxAgeMs === undefined
        ? undefined
        : setTimeout(() => session.close(), this.maxAgeMs * (0.9 + 0.2 * Math.random()));
    session.on("close", () => {
      clearTimeout(age);
      this.connectionsClosed += 1;
      this.#sessions.delete(session);
    });
  }

  #onCall(stream: ServerHttp2Stream, isHeld: boolean): void {
    this.calls += 1;
    stream.resume();
    const { delayMs } = this;
    if (isHeld) {
      this.#held.add(stream);
    } else if (delayMs === 0) {
      this.#answer(stream);
    } else {
      setTimeout(() => this.#answer(stream), delayMs);
    }
  }

  #answer(stream: ServerHttp2Stream): void {
    answer(stream, this.code, this.load === undefined ? {} : { "endpoint-load-metrics-bin": loadReport(this.load) });
  }

  #onWatch(stream: ServerHttp2Stream): void {
    stream.resume();
    if (this.#health === "unimplemented") {
      answer(stream, 12);
      return;
    }
    this.watches += 1;
    this.watchesOpened += 1;
    this.#watchers.add(stream);
    stream.on("close", () => {
      this.watches -= 1;
      this.#watchers.delete(stream);
    });
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" });
    tellHealth(stream, this.#health);
  }
}

function tellHealth(stream: ServerHttp2Stream, health: Health): void {
  stream.write(frame(Buffer.from([0x08, health === "SERVING" ? 1 : 2])));
}

/** An `xds.data.orca.v3.OrcaLoadReport`. */
function loadReport({ callsPerSecond, utilization }: NonNullable<Backend["load"]>): string {
  const writer = new BinaryWriter().tag(6, WireType.Bit64).double(callsPerSecond);
  return Buffer.from(writer.tag(9, WireType.Bit64).double(utilization).finish()).toString("base64");
}

function answer(stream: ServerHttp2Stream, code: number, trailers: Readonly<Record<string, string>> = {}): void {
  if (stream.destroyed) {
    return;
  }
  const type = { ":status": 200, "content-type": "application/grpc+proto" };
  if (code !== 0) {
    stream.respond({ ...type, "grpc-status": String(code) }, { endStream: true });
    return;
  }
  stream.respond(type, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", ...trailers }));
  stream.end(frame(Buffer.alloc(0)));
}

function frame(message: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Backends on as many loopback addresses, all on one port, as the addresses of one name are. */
export async function startBackends(count: number, host = "127.0.1.1"): Promise<Backend[]> {
  const first = await Backend.start(host);
  const others = Array.from({ length: count - 1 }, (_, index) => Backend.start(`127.0.1.${index + 2}`, first.port));
  return [first, ...(await Promise.all(others))];
}
