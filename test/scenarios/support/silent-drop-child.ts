// SPDX-License-Identifier: Apache-2.0
// A process inside a test network. usage: silent-drop-child server | client <target> <settings as JSON>
import { registerHooks } from "node:module";
import type { DescService } from "@bufbuild/protobuf";
import type { EchoClient } from "../../e2e/echo.ts";
import { serverAddresses } from "./network.ts";

/** How a client behaves. */
export interface DropClientSettings {
  /** What its contract says, e.g. `response_timeout_millis: 250`. */
  readonly contract: string;
  /** Whether it has koffi, and with it TCP_USER_TIMEOUT. */
  readonly hasKoffi: boolean;
}

/** What a client says. */
export type DropClientMessage =
  | { readonly kind: "user_timeout"; readonly support: string }
  | { readonly kind: "answered"; readonly atMs: number; readonly server: string }
  | { readonly kind: "failed"; readonly atMs: number; readonly server: string | undefined; readonly error: string };

const [role, target = "", settings = "{}"] = process.argv.slice(2);
process.on("disconnect", () => process.exit(0));
if (role === "server") {
  await serve();
} else {
  await call(JSON.parse(settings) as DropClientSettings);
}

async function serve(): Promise<void> {
  const { text } = await import("../../e2e/echo.ts");
  const { startGrpcServer } = await import("../../support/grpc-server.ts");
  const service = await serviceWith("");
  for (const host of serverAddresses) {
    const answer = (_: unknown, reply: (error: null, message: unknown) => void): void =>
      reply(null, text(service, host));
    await startGrpcServer(service, { unary: answer } as never, { host, port: 50051 });
  }
  process.send?.("listening");
}

async function call({ contract, hasKoffi }: DropClientSettings): Promise<void> {
  if (!hasKoffi) {
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier === "koffi") {
          throw new Error("koffi is hidden");
        }
        return next(specifier, context);
      },
    });
  }
  const { contractOf, createServiceClient } = await import("@talaria/runtime");
  const { userTimeoutSupport } = await import("../../../runtime/src/grpc-js/user-timeout.ts");
  say({ kind: "user_timeout", support: await userTimeoutSupport() });
  const client = createServiceClient(contractOf(await serviceWith(contract)), { target }) as unknown as EchoClient;
  setInterval(() => {
    client.unary({ text: "" }).then(
      (answer) => say({ kind: "answered", atMs: Date.now(), server: answer.text }),
      (error) => say({ kind: "failed", atMs: Date.now(), server: serverIn(String(error)), error: String(error) }),
    );
  }, 20);
}

async function serviceWith(options: string): Promise<DescService> {
  const { compileService } = await import("../../support/compile.ts");
  return compileService(
    `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
    message Text { string text = 1; }
    service Echo {
      option (service_client.client_config) = { transport_security { mode: PLAINTEXT } ${options} };
      rpc Unary(Text) returns (Text);
    }`,
    "echo.v1.Echo",
  );
}

/** grpc-js names the server when a call ran out of time, but not when its connection was lost. */
function serverIn(error: string): string | undefined {
  return /remote_addr=([\d.]+)/.exec(error)?.[1];
}

function say(message: DropClientMessage): void {
  process.send?.(message);
}
