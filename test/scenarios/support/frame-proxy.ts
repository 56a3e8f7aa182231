// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

const prefaceBytes = 24;
const headerBytes = 9;
const pingType = 0x6;
const goAwayType = 0x7;
const ackFlag = 0x1;

/** A TCP proxy that reads the HTTP/2 frames that pass, without TLS: it says what the server was really sent. */
export class FrameProxy implements AsyncDisposable {
  readonly port: number;
  /** When clients sent a PING, answers left out. */
  readonly pingsAtMs: number[] = [];
  /** What servers sent as GOAWAY: the error code, and the reason in words. */
  readonly goAways: string[] = [];
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Starts to pass on to a port of this machine. */
  static async start(port: number): Promise<FrameProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new FrameProxy(server);
    server.on("connection", (client) => proxy.#join(client, connect(port, "127.0.0.1")));
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    const fromClient = frameReader(prefaceBytes, (type, flags) => {
      if (type === pingType && (flags & ackFlag) === 0) {
        this.pingsAtMs.push(performance.now());
      }
    });
    const fromServer = frameReader(0, (type, _flags, payload) => {
      if (type === goAwayType) {
        this.goAways.push(`${payload.readUInt32BE(4)} ${payload.subarray(8).toString()}`.trim());
      }
    });
    client.on("data", (bytes) => {
      fromClient(bytes);
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      fromServer(bytes);
      client.write(bytes);
    });
  }
}

/** Cuts a stream of bytes into frames, after so many bytes that are none. */
function frameReader(
  skipped: number,
  onFrame: (type: number, flags: number, payload: Buffer) => void,
): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let toSkip = skipped;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes.subarray(Math.min(toSkip, bytes.length))]);
    toSkip -= Math.min(toSkip, bytes.length);
    while (rest.length >= headerBytes && rest.length >= headerBytes + rest.readUIntBE(0, 3)) {
      const end = headerBytes + rest.readUIntBE(0, 3);
      onFrame(rest.readUInt8(3), rest.readUInt8(4), rest.subarray(headerBytes, end));
      rest = rest.subarray(end);
    }
  };
}
