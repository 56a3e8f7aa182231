// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from "node:net";
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  streamEncode,
  TRUNCATED_RESPONSE,
} from "dns-packet";

/** How the server answers all questions. `silent` is not at all; `empty` is a name without records. */
export type DnsMode = "records" | "NXDOMAIN" | "SERVFAIL" | "REFUSED" | "empty" | "silent";

/** A question that was asked. */
export interface DnsQuery {
  readonly name: string;
  readonly type: string;
  readonly over: "udp" | "tcp";
  readonly atMs: number;
}

const rcodes: Readonly<Partial<Record<DnsMode, number>>> = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };
const udpBytes = 512;

/** A real DNS server on loopback, over UDP and TCP, whose records change at run time and which counts what it is asked. */
export class DnsServer implements AsyncDisposable {
  /** `127.0.0.1:<port>`, as in `dns://127.0.0.1:<port>/name`. */
  readonly address: string;
  /** How it answers [records]. */
  mode: DnsMode = "records";
  /** As {@link mode}, for questions of one type, e.g. AAAA. */
  readonly modes: Map<string, DnsMode> = new Map();
  readonly queries: DnsQuery[] = [];
  readonly #records: Map<string, Answer[]> = new Map();
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #connections: Set<TcpSocket> = new Set();

  private constructor(udp: Socket, tcp: Server, port: number) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.address = `127.0.0.1:${port}`;
    udp.on("message", (bytes, peer) => {
      const response = this.#answer(bytes, "udp");
      if (response !== undefined) {
        const whole = encode(response);
        const fits = whole.length <= udpBytes;
        const truncated = { ...response, answers: [], flags: (response.flags ?? 0) | TRUNCATED_RESPONSE };
        udp.send(fits ? whole : encode(truncated), peer.port, peer.address);
      }
    });
    tcp.on("connection", (socket) => this.#serve(socket));
  }

  /** Starts a server that knows no name. */
  static async start(): Promise<DnsServer> {
    const tcp = createServer().listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4").bind(port, "127.0.0.1");
    await once(udp, "listening");
    return new DnsServer(udp, tcp, port);
  }

  /** Gives a name these addresses, instead of what it had. */
  setAddresses(name: string, addresses: readonly string[], ttlSeconds: number): void {
    this.set(
      name,
      addresses.map((data) => ({ name, type: data.includes(":") ? "AAAA" : "A", ttl: ttlSeconds, data })),
    );
  }

  /** Gives a name these records, instead of what it had. */
  set(name: string, records: readonly Answer[]): void {
    this.#records.set(name, [...records]);
  }

  /** How often it was asked for records of this type [A] of a name. */
  asked(name: string, type = "A"): number {
    return this.queries.filter((query) => query.name === name && query.type === type).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) {
      socket.destroy();
    }
    this.#udp.close();
    this.#tcp.close();
    await Promise.all([once(this.#udp, "close"), once(this.#tcp, "close")]);
  }

  #serve(socket: TcpSocket): void {
    this.#connections.add(socket);
    socket.on("close", () => this.#connections.delete(socket));
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const response = this.#answer(received.subarray(2, end), "tcp");
        received = received.subarray(end);
        if (response !== undefined) {
          socket.write(streamEncode(response));
        }
      }
    });
  }

  #answer(bytes: Buffer, over: "udp" | "tcp"): Packet | undefined {
    const { id, questions = [] } = decode(bytes);
    const [question] = questions;
    if (question === undefined) {
      return undefined;
    }
    const name = question.name.toLowerCase();
    this.queries.push({ name, type: question.type, over, atMs: performance.now() });
    const mode = this.modes.get(question.type) ?? this.mode;
    if (mode === "silent") {
      return undefined;
    }
    const answers = mode === "records" ? this.#resolve(name, question.type) : [];
    const known = mode !== "records" || this.#records.has(name);
    const rcode = known ? (rcodes[mode] ?? 0) : 3;
    return { type: "response", id: id ?? 0, flags: AUTHORITATIVE_ANSWER | rcode, questions: [question], answers };
  }

  #resolve(name: string, type: Question["type"]): Answer[] {
    const records = this.#records.get(name) ?? [];
    return records.flatMap((record) => {
      if (record.type === "CNAME" && type !== "CNAME") {
        return [record, ...this.#resolve(String(record.data).toLowerCase(), type)];
      }
      return record.type === type ? [record] : [];
    });
  }
}
