// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { contractOf, createServiceClient } from "@talaria/runtime";
import {
  type RunningServer,
  type ServeOptions,
  type ServerEvent,
  serve,
  serviceDefinition,
} from "@talaria/runtime/server";
import { type EchoClient, type EchoOptions, echoService, type Text, text } from "../e2e/echo.ts";

/** What a server process is told when it starts. */
export interface ServerSettings {
  readonly contract: EchoOptions;
  /** How long a call takes. */
  readonly callMs: number;
  /** Whether it calls itself until its code is compiled, before it says that it has loaded. */
  readonly warmUp?: boolean;
}

/** What a server process is asked. */
export type ServerRequest = { readonly kind: "ready"; readonly port: number } | { readonly kind: "served" };

/** What a server process says. */
export type ServerMessage =
  | { readonly kind: "loaded" }
  | { readonly kind: "listening"; readonly value: number }
  | { readonly kind: "served"; readonly value: number }
  | { readonly kind: "event"; readonly event: ServerEvent };

const warmUpText = "warm up";

/** Runs a server in this process, which `startServerProcess` forked. */
async function main({ contract, callMs, warmUp: isWarm = false }: ServerSettings): Promise<void> {
  // A test that dies takes its servers with it; a server that leaves is not kept by the channel to its test.
  process.once("disconnect", () => process.exit());
  const service = echoService(contract);
  let served = 0;
  const unary = async ({ request }: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>): Promise<void> => {
    served += 1;
    await sleep(request.text === warmUpText ? 0 : callMs);
    reply(null, text(service, request.text));
  };
  const start = (port: number, options: Partial<ServeOptions>): Promise<RunningServer> =>
    serve({
      contracts: [contractOf(service)],
      host: "127.0.0.1",
      port,
      services: (grpc) => grpc.addService(serviceDefinition(service), { unary }),
      ...options,
    });
  process.on("message", async (request: ServerRequest) => {
    if (request.kind === "served") {
      say({ kind: "served", value: served });
      return;
    }
    const server = await start(request.port, { onEvent: (event) => say({ kind: "event", event }) });
    say({ kind: "listening", value: await server.ready() });
  });
  if (isWarm) {
    await warmUp(service, await start(0, { signals: false }));
    served = 0;
  }
  say({ kind: "loaded" });
}

/** Calls itself until the code is compiled, on a port that nobody knows. A server that starts cold is slow at first. */
async function warmUp(service: DescService, server: RunningServer): Promise<void> {
  const target = `ipv4:127.0.0.1:${await server.ready()}`;
  const client = createServiceClient(contractOf(service), { target }) as unknown as EchoClient;
  for (let round = 1; round <= 20; round += 1) {
    await Promise.all(Array.from({ length: 20 }, () => client.unary({ text: warmUpText })));
  }
  await client[Symbol.asyncDispose]();
  await server.close();
}

function say(message: ServerMessage): void {
  // Whoever is not there any more needs no answer.
  process.send?.(message, undefined, undefined, () => {});
}

await main(JSON.parse(process.argv[2] ?? "{}"));
