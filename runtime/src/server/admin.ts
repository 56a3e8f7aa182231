// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, BlockList } from "node:net";
import type { Load } from "./connections.ts";
import type { DrainReport } from "./events.ts";

/** Where the admin endpoint listens. */
export interface AdminOptions {
  /** 0: any that is free. */
  readonly port: number;
  /**
   * Default: `127.0.0.1`. Kubernetes probes of the kind `httpGet` come from outside the pod and need `0.0.0.0` or `::`.
   * Draining can be asked for from this machine only, whatever the address.
   */
  readonly host?: string;
}

/** What the admin endpoint reports and does. */
export interface Administered {
  status(): { readonly state: string; readonly ready: boolean } & Load;
  drain(): Promise<DrainReport>;
}

/** A running admin endpoint. */
export interface Admin {
  readonly port: number;
  /** Answers what was asked, and nothing more. */
  close(): void;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Serves `GET /live` (200 while the process answers), `GET /ready` (200 while everything is SERVING, else 503) and
 * `POST /drain` (drains, and answers 200 with the report when that is done), all with JSON.
 */
export async function startAdmin({ port, host = "127.0.0.1" }: AdminOptions, server: Administered): Promise<Admin> {
  const http = createServer((request, response) => {
    answer(request, response, server).catch((error: unknown) => reply(response, 500, { error: String(error) }));
  });
  http.listen(port, host);
  await once(http, "listening");
  return {
    port: (http.address() as AddressInfo).port,
    close: () => closeGently(http),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, server: Administered): Promise<void> {
  const [path] = (request.url ?? "").split("?", 1);
  const status = server.status();
  switch (`${request.method} ${path}`) {
    case "GET /live":
      return reply(response, 200, status);
    case "GET /ready":
      return reply(response, status.ready ? 200 : 503, status);
    case "POST /drain":
      return isLocal(request)
        ? reply(response, 200, await server.drain())
        : reply(response, 403, { error: "draining can be asked for from this machine only" });
    default:
      return reply(response, 404, { error: "there is GET /live, GET /ready and POST /drain" });
  }
}

function reply(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { "content-type": "application/json", connection: "close" });
  response.end(`${JSON.stringify(body)}\n`);
}

function isLocal({ socket: { remoteAddress = "" } }: IncomingMessage): boolean {
  const address = remoteAddress.replace(/^::ffff:/, "");
  return loopback.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

function closeGently(http: Server): void {
  http.close();
  http.closeIdleConnections();
}
