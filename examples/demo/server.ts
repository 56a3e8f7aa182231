// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { serviceDefinition } from "@talaria/runtime/server";
import { GreetingService } from "../../generated/greeting_pb.ts";
import { DispatchService } from "../../generated/shop/dispatch/v1/dispatch_pb.ts";
import { OrderService } from "../../generated/shop/orders/v1/orders_pb.ts";
import type { CertifiedKey } from "../../test/support/certificates.ts";
import type { Ledger } from "./ledger.ts";
import { type Behaviour, createShop } from "./shop.ts";

/** What a server process is told when it starts. */
export interface ServerSettings {
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

/** Runs a server of all three services in this process, which `startServer` forked. */
async function serve(): Promise<void> {
  // Whatever becomes of the demo, its servers do not outlive it.
  process.once("disconnect", () => process.exit());
  const [settings] = (await once(process, "message")) as [ServerSettings];
  process.title = `talaria-demo ${settings.name}`;

  const ledger: Ledger = {};
  const shop = createShop(settings.behaviour, ledger);
  const server = new Server();
  server.addService(serviceDefinition(GreetingService), shop.greeting);
  server.addService(serviceDefinition(OrderService), shop.orders);
  server.addService(serviceDefinition(DispatchService), shop.dispatch);
  const port = await listen(server, settings);

  process.on("message", () => send({ kind: "ledger", ledger }));
  send({ kind: "ready", port });
}

async function listen(server: Server, { port, tls }: ServerSettings): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bind(server, port, tls);
    } catch (error) {
      // After a kill -9, the system may hold on to the port for a moment.
      if (port === 0 || attempt === 20) {
        throw error;
      }
      await sleep(100);
    }
  }
}

function bind(server: Server, port: number, tls: CertifiedKey | undefined): Promise<number> {
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

function send(message: ServerMessage): void {
  process.send?.(message);
}

await serve();
