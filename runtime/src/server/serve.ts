// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { type ChannelOptions, Server, ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { addHealthService } from "./health-grpc.ts";
import { bindObserved } from "./listening-servers.ts";
import { addReflectionService } from "./reflection.ts";
import { runServer } from "./run-server.ts";
import type { RunningServer, ServeOptions } from "./serve-options.ts";
import { joinTerms, type ServerTerms } from "./server-terms.ts";

/** How a grpc-js server runs. */
export interface GrpcServeOptions extends ServeOptions {
  /** Adds the services; `grpc.health.v1.Health` is there already. `draining` is aborted when endless streams should end. */
  readonly services: (server: Server, draining: AbortSignal) => void;
  /** The certificates. Needed unless the contracts say PLAINTEXT. For MUTUAL_TLS, they must demand one of the client. */
  readonly credentials?: ServerCredentials;
  /**
   * Whether clients can ask what the services look like, options included: `grpc.reflection.v1` (gRPC's "Server Reflection
   * Protocol"), for `talaria doctor`, grpcurl and the like. Default: false, as it shows the whole API to whoever can connect.
   */
  readonly reflection?: boolean;
  /** Run around every call, health checks and reflection included; the first is the outermost. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** Further options of grpc-js, such as message sizes. Age, idle time and pings are the contracts' to say. */
  readonly channelOptions?: ChannelOptions;
}

/**
 * Serves with grpc-js under the contracts of its services: connections live and are pinged as they say, clients that ping too
 * often are turned away, health is told through `grpc.health.v1`, and the server leaves without failing a call.
 *
 * Nothing listens until `ready()`:
 *
 * ```ts
 * const server = await serve({
 *   contracts: [orderServiceContract],
 *   services: (grpc) => grpc.addService(serviceDefinition(OrderService), orders),
 *   port: 50051,
 *   credentials,
 *   admin: { port: 9901 },
 * });
 * await fillCaches();
 * await server.ready();
 * ```
 *
 * @throws ConnectError INVALID_ARGUMENT when the contracts contradict each other, or want TLS and there are no credentials; or
 * when there is to be reflection, and a contract is a copy without the descriptor of its service.
 */
export async function serve(options: GrpcServeOptions): Promise<RunningServer> {
  const terms = joinTerms(options.contracts);
  const credentials = options.credentials ?? plaintext(terms);
  return runServer(options, terms, ({ health, draining }) => {
    const server = new Server({
      ...withoutLifeOptions(options.channelOptions),
      interceptors: [...(options.interceptors ?? [])],
    });
    addHealthService(server, health);
    if (options.reflection === true) {
      addReflectionService(server, options.contracts);
    }
    options.services(server, draining);
    return {
      listen: (connections) => bindObserved(() => bind(server, addressOf(options), credentials), connections.attach),
      release: () => server.forceShutdown(),
    };
  });
}

function plaintext({ securityMode, services }: ServerTerms): ServerCredentials {
  if (securityMode === "PLAINTEXT") {
    return ServerCredentials.createInsecure();
  }
  throw new ConnectError(
    `${services.join(" and ")} ${services.length === 1 ? "wants" : "want"} transport_security.mode ${securityMode}: pass credentials, e.g. from ` +
      "ServerCredentials.createSsl()",
    Code.InvalidArgument,
  );
}

/** What the contract says is not grpc-js's to do a second time. */
function withoutLifeOptions(options: ChannelOptions = {}): ChannelOptions {
  const {
    "grpc.max_connection_age_ms": _age,
    "grpc.max_connection_age_grace_ms": _grace,
    "grpc.max_connection_idle_ms": _idle,
    "grpc.keepalive_time_ms": _time,
    "grpc.keepalive_timeout_ms": _timeout,
    ...others
  } = options;
  return others;
}

function addressOf({ host = "0.0.0.0", port }: ServeOptions): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
