// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { contractOf } from "@talaria/runtime";
import { type RunningServer, type ServerEvent, serve, serviceDefinition } from "@talaria/runtime/server";
import { type EchoOptions, echoService, type Text, text } from "../e2e/echo.ts";

/** What a server process is told when it starts. */
export interface ServerSettings {
  readonly contract: EchoOptions;
  /** How long a call takes. */
  readonly callMs: number;
}

/** What a server process is asked. */
export type ServerRequest = { readonly kind: "ready"; readonly port: number } | { readonly kind: "served" };

/** What a server process says. */
export type ServerMessage =
  | { readonly kind: "loaded" }
  | { readonly kind: "listening"; readonly value: number }
  | { readonly kind: "served"; readonly value: number }
  | { readonly kind: "event"; readonly event: ServerEvent };

/** Runs a server in this process, which `startServerProcess` forked. */
function main({ contract, callMs }: ServerSettings): void {
  // A test that dies takes its servers with it; a server that leaves is not kept by the channel to its test.
  process.once("disconnect", () => process.exit());
  const service = echoService(contract);
  let served = 0;
  const unary = async ({ request }: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>): Promise<void> => {
    served += 1;
    await sleep(callMs);
    reply(null, text(service, request.text));
  };
  const start = (port: number): Promise<RunningServer> =>
    serve({
      contracts: [contractOf(service)],
      host: "127.0.0.1",
      port,
      services: (grpc) => grpc.addService(serviceDefinition(service), { unary }),
      onEvent: (event) => say({ kind: "event", event }),
    });
  process.on("message", async (request: ServerRequest) => {
    if (request.kind === "served") {
      say({ kind: "served", value: served });
      return;
    }
    const server = await start(request.port);
    say({ kind: "listening", value: await server.ready() });
  });
  say({ kind: "loaded" });
}

function say(message: ServerMessage): void {
  // Whoever is not there any more needs no answer.
  process.send?.(message, undefined, undefined, () => {});
}

main(JSON.parse(process.argv[2] ?? "{}"));
