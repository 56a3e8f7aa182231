// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { createWorkspace } from "./support.ts";

const protos = {
  "acme/v1/orders.proto": `syntax = "proto3";
package acme.v1;
import "service_client_config.proto";
service Open {
  option (service_client.client_config).response_timeout_millis = 800;
  rpc Get(Order) returns (Order);
}
service Closed {
  option (service_client.client_config).response_timeout_millis = 800;
  rpc Get(Order) returns (Order) {
    option (service_client.method_config).authentication = {scheme: BEARER, audience: "orders"};
  }
}
message Order {}
`,
};

const user = (closed: string): string => `import { processCredentials as credentials } from "@talaria/runtime";
import { createClosedClient, createOpenClient } from "./gen/acme/v1/orders_client.ts";
createOpenClient({ target: "orders:1" });
createClosedClient(${closed});
`;

test("a client of a contract that demands bearer tokens does not compile without credentials", () => {
  using workspace = createWorkspace(protos);
  workspace.generate();
  const wrong = workspace.typeCheck({ "user.ts": user('{ target: "orders:1", tls: { ca: String(credentials) } }') });
  expect(wrong.status).not.toBe(0);
  expect(wrong.stdout).toMatch(/^user\.ts\(4,\d+\): error TS\d+: .*/m);
  expect(wrong.stdout).toContain("credentials");
  expect(wrong.stdout.match(/error TS/g)).toHaveLength(1);
  const right = workspace.typeCheck({ "user.ts": user('{ target: "orders:1", credentials }') });
  expect(right).toEqual({ status: 0, stdout: "", stderr: "" });
});
