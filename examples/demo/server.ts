// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ServerCredentials } from "@grpc/grpc-js";
import { type RunningServer, serve, serviceDefinition } from "@talaria/runtime/server";
import { greetingServiceContract } from "../../generated/greeting_client.ts";
import { dispatchServiceContract } from "../../generated/shop/dispatch/v1/dispatch_client.ts";
import { orderServiceContract } from "../../generated/shop/orders/v1/orders_client.ts";
import type { CertifiedKey } from "../../test/support/certificates.ts";
import type { Ledger } from "./ledger.ts";
import { type Behaviour, createShop } from "./shop.ts";

const contracts = {
  greeting: greetingServiceContract,
  orders: orderServiceContract,
  dispatch: dispatchServiceContract,
} as const;

/** A service of the shop, or the greeting. */
export type ServiceName = keyof typeof contracts;

/** What a server process is told when it starts. */
export interface ServerSettings {
  readonly service: ServiceName;
  readonly name: string;
  readonly behaviour: Behaviour;
  /** 0: any that is free. */
  readonly port: number;
  /** Absent: plaintext. */
  readonly tls?: CertifiedKey | undefined;
}

/** What a server process says: that it is ready, or, when asked, what it has seen. */
export type ServerMessage =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "ledger"; readonly ledger: Ledger };

/** What a server process is asked. */
export type ServerRequest = "ledger";

/** Runs a server in this process, which `startServer` forked. */
async function run(): Promise<void> {
  // Whatever becomes of the demo, its servers do not outlive it.
  process.once("disconnect", () => process.exit());
  const [settings] = (await once(process, "message")) as [ServerSettings];
  const { service, name, behaviour, tls } = settings;
  process.title = `talaria-demo ${name}`;

  const ledger: Ledger = {};
  const contract = contracts[service];
  const implementation = createShop(behaviour, ledger)[service];
  const server = await serve({
    contracts: [contract],
    services: (grpc) => grpc.addService(serviceDefinition(contract.descriptor), implementation),
    host: "127.0.0.1",
    port: settings.port,
    ...(tls && { credentials: credentialsOf(tls) }),
  });
  const port = await listen(server, settings);

  process.on("message", () => send({ kind: "ledger", ledger }));
  send({ kind: "ready", port });
}

async function listen(server: RunningServer, { port }: ServerSettings): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.ready();
    } catch (error) {
      // After a kill -9, the system may hold on to the port for a moment.
      if (port === 0 || attempt === 20) {
        throw error;
      }
      await sleep(100);
    }
  }
}

function credentialsOf({ cert, key }: CertifiedKey): ServerCredentials {
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);
}

function send(message: ServerMessage): void {
  process.send?.(message);
}

await run();
