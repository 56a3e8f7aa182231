// SPDX-License-Identifier: Apache-2.0
import { contractPage, formatContractPage, formatServiceConfig, inspectService } from "@talaria/contract";
import { expect, test } from "vitest";
import { compileProtos } from "../support/compile.ts";
import { createWorkspace } from "./support.ts";

const path = "shop/v1/orders.proto";
const text = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
// Keeps orders.
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    required_headers: ["x-tenant"]
    health_check: {service_name: "q\\"uote\\\\ ä"}
  };
  rpc Get(M) returns (M);
}
service Silent { rpc Get(M) returns (M); }
message M {}
`;
const service = compileProtos({ [path]: text }).getService("shop.v1.Orders");

/** What a name server reads in a master file: character strings joined, escapes undone. */
function recordsIn(zone: string): Record<string, string[]> {
  const records = zone.matchAll(/^(\S+) IN TXT \(\n((?: {2}"(?:[^"\\]|\\.)*"\n)*)\)$/gm);
  return Object.fromEntries(
    [...records].map(([, owner = "", body = ""]) => [
      owner,
      [...body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, string = ""]) => string.replace(/\\(.)/g, "$1")),
    ]),
  );
}

test("nothing is made of a contract beside client and service config, unless it is asked for", () => {
  using workspace = createWorkspace({ [path]: text });
  const { files } = workspace.generate({ alone: true });
  expect(Object.keys(files)).toEqual(["shop/v1/Orders.grpc_service_config.json", "shop/v1/orders_client.ts"]);
});

test("contract_page writes what a caller's team reads, with the lines of the .proto", () => {
  using workspace = createWorkspace({ [path]: text });
  const { files, stderr } = workspace.generate({ alone: true, talariaOpt: ["contract_page=both"] });
  expect(stderr).not.toContain("Failure");
  const page = service && contractPage(inspectService(service));
  expect(files["shop/v1/Orders.contract.md"]).toBe(page && formatContractPage(page));
  expect(files["shop/v1/Orders.contract.md"]).toContain(`\`${path}:7\``);
  expect(JSON.parse(files["shop/v1/Orders.contract.json"] ?? "")).toEqual(JSON.parse(JSON.stringify(page)));
  const markdown = workspace.generate({ alone: true, talariaOpt: ["contract_page=markdown"] });
  expect(Object.keys(markdown.files).filter((name) => name.includes(".contract."))).toEqual([
    "shop/v1/Orders.contract.md",
  ]);
});

test("dns_txt writes records whose strings are the service config, at the name and beside it", () => {
  using workspace = createWorkspace({ [path]: text });
  const opt = ["dns_txt=zone", "service_config_name=full"];
  const { files } = workspace.generate({ alone: true, talariaOpt: opt });
  const config = files["shop/v1/shop.v1.Orders.grpc_service_config.json"] ?? "";
  const records = recordsIn(files["shop/v1/shop.v1.Orders.grpc_config.zone"] ?? "");
  expect(Object.keys(records)).toEqual(["@", "_grpc_config"]);
  for (const strings of Object.values(records)) {
    expect(strings.every((string) => string.length <= 255 && /^[\x20-\x7e]+$/.test(string))).toBe(true);
    const [, json = ""] = strings.join("").match(/^grpc_config=(.*)$/) ?? [];
    expect(JSON.parse(json)).toEqual([{ serviceConfig: JSON.parse(config) }]);
  }
  expect(config).toBe(service && formatServiceConfig(inspectService(service).contract));
  expect(config).toContain('q\\"uote');
});

test("records that no DNS answer can carry are an error at the service, and nothing is written", () => {
  const methods = Array.from({ length: 900 }, (_, index) => `  rpc Method${index}(M) returns (M);`).join("\n");
  using workspace = createWorkspace({ [path]: text.replace("  rpc Get(M) returns (M);", methods) });
  const { files, stderr } = workspace.generate({ alone: true, talariaOpt: ["dns_txt=zone"] });
  expect(stderr).toMatch(
    /^proto\/shop\/v1\/orders\.proto:5:1: The service config for shop\.v1\.Orders has \d+ bytes.*Leave out/m,
  );
  expect(files).toEqual({});
});
