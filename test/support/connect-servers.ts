// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { expressConnectMiddleware } from "@connectrpc/connect-express";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import express from "express";
import { fastify } from "fastify";

/** What a server of Connect serves. */
export interface Served {
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: Interceptor[];
}

/** A server that listens on loopback. */
export interface ListeningServer {
  readonly url: string;
  close(): unknown;
}

/** Every kind of server that Connect has for Node.js, by name, and how it is started. */
export const connectServers: readonly (readonly [name: string, start: (served: Served) => Promise<ListeningServer>])[] =
  [
    ["connect-node", serveByConnectNode],
    ["express", (served) => listen(createServer(express().use(expressConnectMiddleware(served))))],
    [
      "fastify",
      async (served) => {
        const server = fastify();
        await server.register(fastifyConnectPlugin, served);
        return { url: await server.listen({ port: 0, host: "127.0.0.1" }), close: () => server.close() };
      },
    ],
  ];

export function serveByConnectNode(served: Served): Promise<ListeningServer> {
  return listen(createServer(connectNodeAdapter(served)));
}

async function listen(server: Server): Promise<ListeningServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
