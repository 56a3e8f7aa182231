// SPDX-License-Identifier: Apache-2.0
// One server of the chain A -> B -> C, in a process of its own. It passes each call on, or, being the last, answers it with the
// tenant that it was told. It says over IPC what it sees.
// usage: server <A|B|C> [port of the next]
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { configureTalaria, contractOf, createServiceClient, currentCallScope } from "@talaria/runtime";
import { callScopes } from "../../../runtime/src/server/connect-scope.ts";
import { withCallScopes } from "../../../runtime/src/server/grpc-scope.ts";
import { startGrpcServer } from "../../support/grpc-server.ts";
import { type EchoClient, echoService, type Text, text } from "../echo.ts";

const [role, nextPort] = process.argv.slice(2);
const service = echoService({ service: "response_timeout_millis: 120000" });
configureTalaria({ headers: ["x-tenant"] });

const next =
  nextPort === undefined
    ? undefined
    : (createServiceClient(contractOf(service), { target: `dns:///127.0.0.1:${nextPort}` }) as unknown as EchoClient);

/** Of these calls there are too many to tell of each. */
const quiet: ReadonlySet<string> = new Set(["echo", "time"]);

/** What every server of the chain does with a call. */
async function handle(request: Text): Promise<Text> {
  const scope = currentCallScope();
  const leftMs = (scope?.deadlineAtMs ?? Number.NaN) - performance.now();
  if (!quiet.has(request.text)) {
    scope?.signal?.addEventListener("abort", () => say("cancelled"));
  }
  if (!quiet.has(request.text)) {
    say("seen", { leftMs, tenant: scope?.headers.get("x-tenant") });
  }
  if (next !== undefined) {
    // Behind a timer, so that the scope has to follow.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return next.unary({ text: request.text });
  }
  if (request.text === "hang") {
    await new Promise((resolve) => scope?.signal?.addEventListener("abort", resolve));
  }
  const tenant = scope?.headers.get("x-tenant") ?? "none";
  return text(service, request.text === "time" ? `${tenant} ${leftMs}` : tenant);
}

function say(event: string, more: object = {}): void {
  process.send?.({ role, event, atMs: Date.now(), ...more });
}

process.on("disconnect", () => process.exit(0));

if (role === "B") {
  const handlers = {
    unary(call: { request: Text }, reply: (error: unknown, message?: Text) => void) {
      handle(call.request).then(
        (message) => reply(null, message),
        (error) => reply({ code: error.code, details: error.rawMessage }),
      );
    },
  };
  const server = await startGrpcServer(service, withCallScopes(handlers as never) as never);
  say("listening", { port: server.port });
} else {
  const adapter = connectNodeAdapter({
    interceptors: [callScopes()],
    routes: (router) => void router.service(service, { unary: handle } as never),
  });
  const server = createServer(adapter).listen(0, "127.0.0.1", () => {
    say("listening", { port: (server.address() as AddressInfo).port });
  });
}
