// SPDX-License-Identifier: Apache-2.0
// A process inside a test network. usage: silent-drop-child server | client <target>
import { contractOf, createServiceClient } from "@talaria/runtime";
import { type EchoClient, text } from "../../e2e/echo.ts";
import { compileService } from "../../support/compile.ts";
import { startGrpcServer } from "../../support/grpc-server.ts";
import { serverAddresses } from "./network.ts";

const service = compileService(
  `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
  message Text { string text = 1; }
  service Echo {
    option (service_client.client_config) = { response_timeout_millis: 250 transport_security { mode: PLAINTEXT } };
    rpc Unary(Text) returns (Text);
  }`,
  "echo.v1.Echo",
);

const [role, target = ""] = process.argv.slice(2);
process.on("disconnect", () => process.exit(0));

if (role === "server") {
  for (const host of serverAddresses) {
    const answer = (_: unknown, reply: (error: null, message: unknown) => void): void =>
      reply(null, text(service, host));
    await startGrpcServer(service, { unary: answer } as never, { host, port: 50051 });
  }
  process.send?.("listening");
} else {
  const client = createServiceClient(contractOf(service), { target }) as unknown as EchoClient;
  setInterval(() => {
    client.unary({ text: "" }).then(
      (answer) => process.send?.({ atMs: Date.now(), server: answer.text }),
      (error) => process.send?.({ atMs: Date.now(), failed: String(error) }),
    );
  }, 20);
}
