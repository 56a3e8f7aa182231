// SPDX-License-Identifier: Apache-2.0
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createWorkspace, writeFiles } from "../plugin/support.ts";
import { talariaIn } from "./run-cli.ts";

const proto = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 4}
  };
  rpc Get(M) returns (M);
  rpc Put(M) returns (M);
}
message M {}
`;
const stack = new DisposableStack();
const workspace = stack.use(createWorkspace({ "orders.proto": proto }));
afterAll(() => stack.dispose());
const { files } = workspace.generate({ alone: true, talariaOpt: ["contract_page=both", "dns_txt=zone"] });

async function verify(edited: Readonly<Record<string, string>> = {}, options: readonly string[] = []) {
  writeFiles(join(workspace.folder, "gen"), { ...files, ...edited });
  const { code, stdout, stderr } = await talariaIn(workspace.folder, ["verify", ...options, "gen"]);
  expect(stderr).toBe("");
  return { code, lines: stdout.trimEnd().split("\n") };
}

const edit = (name: string, from: string | RegExp, to: string): Record<string, string> => {
  const text = files[name] ?? "";
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return { [name]: changed };
};
const zone = "Orders.grpc_config.zone";

describe("talaria verify, of pages and DNS records", () => {
  test("finds nothing in what was just emitted", async () => {
    expect(Object.keys(files)).toHaveLength(5);
    expect(await verify()).toEqual({ code: 0, lines: ["4 files with 2 methods: as the .proto says"] });
  });

  test.each<[string, string, string | RegExp, string, string]>([
    [
      "a page with another number",
      "Orders.contract.md",
      "| `response_timeout_millis` | 800 ms |",
      "| `response_timeout_millis` | 900 ms |",
      'the page says "| `response_timeout_millis` | 900 ms | service, `orders.proto:6` |", one made of the .proto says',
    ],
    ["a page with more in it", "Orders.contract.md", /$/, "\nAnd so on.\n", "one made of the .proto ends before"],
    [
      "a page of another service",
      "Orders.contract.md",
      "# `shop.v1.Orders`",
      "# `shop.v1.Order`",
      "Did you mean shop.v1.Orders?",
    ],
    [
      "data with another number",
      "Orders.contract.json",
      '"mostRequests": 4',
      '"mostRequests": 3',
      '\\"mostRequests\\": 3',
    ],
    ["data of nothing", "Orders.contract.json", '"service"', '"servic"', "no contract page"],
    [
      "records with another timeout",
      zone,
      /0\.800000000s/g,
      "0.900000000s",
      "Orders/Get: timeout is 0.9 s, the .proto says 0.8 s",
    ],
    ["records that disagree", zone, "0.800000000s", "0.900000000s", "which one a client reads depends on its language"],
    ["a record that is gone", zone, /^_grpc_config IN TXT[\s\S]*/m, "", "_grpc_config: there is no TXT record"],
    ["a string that is too long", zone, /"\n {2}"/, "", "a string has more than 255 bytes"],
    [
      "a choice for some clients",
      zone,
      /\{\\"serviceConfig/g,
      '{\\"percentage\\":5,\\"serviceConfig',
      "no list with one choice",
    ],
  ])("notices %s", async (_, name, from, to, expected) => {
    const { code, lines } = await verify(edit(name, from, to));
    expect(code).toBe(1);
    expect(lines.join("\n")).toContain(expected);
    expect(lines[0]).toContain(`gen/${name}`);
  });

  test.each([
    [
      "Orders.contract.md",
      "--contract-page=markdown",
      "no page *.contract.md here is about it. Run `buf generate` with contract_page",
    ],
    ["Orders.contract.md", "--contract-page=both", "no page *.contract.md here"],
    ["Orders.contract.json", "--contract-page=json", "no page *.contract.json here"],
    ["Orders.contract.json", "--contract-page=both", "no page *.contract.json here"],
    [
      zone,
      "--dns-txt=zone",
      "no DNS records *.grpc_config.zone here speak of it. Run `buf generate` with dns_txt=zone.",
    ],
  ])("notices that %s is missing where %s asks for it", async (name, option, expected) => {
    expect(await verify({}, [option])).toMatchObject({ code: 0 });
    rmSync(join(workspace.folder, "gen", name));
    const gone = (...options: string[]) => talariaIn(workspace.folder, ["verify", ...options, "gen"]);
    expect(await gone()).toMatchObject({ code: 0 });
    const { code, stdout } = await gone(option);
    expect([code, stdout.split("\n")[0]]).toEqual([1, expect.stringContaining("gen: shop.v1.Orders: no ")]);
    expect(stdout).toContain(expected);
  });

  test("does not miss a form of page that was not asked for", async () => {
    await verify();
    rmSync(join(workspace.folder, "gen/Orders.contract.json"));
    const result = await talariaIn(workspace.folder, ["verify", "--contract-page", "markdown", "gen"]);
    expect(result).toMatchObject({ code: 0 });
  });

  test("needs a folder to miss something in", async () => {
    const args = ["verify", "--dns-txt", "zone", `gen/${zone}`];
    expect(await talariaIn(workspace.folder, args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("name the folder"),
    });
  });

  test("notices that the .proto went on", async () => {
    writeFiles(join(workspace.folder, "proto"), {
      "orders.proto": proto.replace("max_attempts: 4", "max_attempts: 3"),
    });
    const { code, lines } = await verify();
    expect(code).toBe(1);
    for (const name of Object.keys(files).filter((path) => !path.endsWith("_client.ts"))) {
      expect(lines.join("\n")).toContain(`gen/${name}`);
    }
  });

  test("takes the line breaks of Windows for line breaks", async () => {
    writeFiles(join(workspace.folder, "proto"), { "orders.proto": proto });
    const onWindows = Object.entries(files).map(([name, text]) => [name, text.replaceAll("\n", "\r\n")]);
    expect(await verify(Object.fromEntries(onWindows))).toMatchObject({ code: 0 });
  });

  test("notices pages of a service without a contract, even where they say what holds by default", async () => {
    const empty = proto.replace(/\{\n {4}response[\s\S]*?\n {2}\};/, "{};");
    using other = createWorkspace({ "orders.proto": empty });
    const made = other.generate({ alone: true, talariaOpt: ["contract_page=both"] });
    expect(Object.keys(made.files)).toHaveLength(4);
    other.write({ "orders.proto": empty.replace(/ {2}option.*\n/, "\n") });
    writeFiles(join(other.folder, "gen"), made.files);
    const { code, stdout } = await talariaIn(other.folder, ["verify", "gen"]);
    expect(code).toBe(1);
    for (const name of ["Orders.contract.md", "Orders.contract.json"]) {
      expect(stdout).toContain(`gen/${name}: shop.v1.Orders: the .proto says nothing about clients of this service`);
    }
  });

  test("reads records that a name server's tools have written", async () => {
    writeFiles(join(workspace.folder, "proto"), { "orders.proto": proto });
    const onOneLine = (files[zone] ?? "").replace(/\(\n|\)\n|\n(?= {2})/g, (found) => (found === ")\n" ? "\n" : " "));
    expect(onOneLine).not.toContain("(");
    expect(await verify({ [zone]: onOneLine.replaceAll("IN TXT", "300 IN TXT") })).toMatchObject({ code: 0 });
  });
});
