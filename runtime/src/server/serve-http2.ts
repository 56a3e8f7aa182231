// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { routeHealth } from "./health-connect.ts";
import type { AnyHttp2Server } from "./listening-servers.ts";
import { routeReflection } from "./reflection.ts";
import { runServer } from "./run-server.ts";
import type { RunningServer, ServeOptions } from "./serve-options.ts";
import { joinTerms } from "./server-terms.ts";

/** How a server of `node:http2` runs. */
export interface Http2ServeOptions extends ServeOptions {
  /**
   * Creates the server, which does not listen yet: `createServer` or `createSecureServer` of `node:http2`, with the adapter
   * of `@connectrpc/connect-node`.
   */
  readonly createServer: (parts: Http2ServerParts) => AnyHttp2Server;
}

/** What a server of `node:http2` is made with. */
export interface Http2ServerParts {
  /** Adds `grpc.health.v1.Health` to the routes. */
  readonly health: (router: ConnectRouter) => void;
  /**
   * Adds `grpc.reflection.v1.ServerReflection` to the routes, as `reflection: true` does with {@link serve}. Without it there is
   * none: it shows the whole API to whoever can connect.
   *
   * @throws ConnectError INVALID_ARGUMENT when a contract is a copy without the descriptor of its service.
   */
  readonly reflection: (router: ConnectRouter) => void;
  /** Aborted when endless streams should end. */
  readonly draining: AbortSignal;
}

/**
 * Serves with `node:http2`, as for Connect, under the contracts of its services; all as {@link serve} does with grpc-js.
 * Connections that speak HTTP/1.1 are not waited for: they are cut when the grace is over.
 *
 * ```ts
 * const server = await serveHttp2({
 *   contracts: [orderServiceContract],
 *   createServer: ({ health }) =>
 *     createSecureServer({ key, cert }, connectNodeAdapter({ routes: (router) => health(router.service(OrderService, orders)) })),
 *   port: 50051,
 * });
 * await server.ready();
 * ```
 *
 * @throws ConnectError INVALID_ARGUMENT when the contracts contradict each other.
 */
export async function serveHttp2(options: Http2ServeOptions): Promise<RunningServer> {
  const terms = joinTerms(options.contracts);
  return runServer(options, terms, ({ health, draining }) => {
    const server = options.createServer({
      health: (router) => routeHealth(router, health),
      reflection: (router) => routeReflection(router, options.contracts),
      draining,
    });
    return {
      async listen(connections) {
        connections.attach(server);
        server.listen(options.port, options.host ?? "0.0.0.0");
        await once(server, "listening");
        return (server.address() as AddressInfo).port;
      },
      release: () => {},
    };
  });
}
