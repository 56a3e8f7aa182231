// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { contractPage, formatContractPage, inspectService } from "@talaria/contract";
import { afterAll, describe, expect, test } from "vitest";
import { compileProtos } from "../support/compile.ts";
import { root } from "../support/run-command.ts";
import { createWorkspace, pathWithBuf, spawnTalaria, talariaIn } from "./run-cli.ts";

const text = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message M {}
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 1500
    retry: {max_attempts: 4}
  };
  rpc Get(M) returns (M) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Place(M) returns (M) {
    option (service_client.method_config) = {
      response_timeout_millis: 3000
      retry: {max_attempts: 1}
    };
  }
}
service Silent {
  rpc Get(M) returns (M);
}
`;
const stack = new DisposableStack();
const workspace = stack.use(createWorkspace({ "shop/v1/orders.proto": text }));
afterAll(() => stack.dispose());

describe("talaria explain", () => {
  test("shows deadline, attempts, worst case and the line of each value", async () => {
    const { code, stdout, stderr } = await workspace.talaria("explain");
    expect(code).toBe(0);
    expect(stderr).toBe("1 service says nothing about clients: shop.v1.Silent\n");
    expect(stdout).toContain("shop.v1.Orders  shop/v1/orders.proto\n");
    expect(stdout).toMatch(/Get +1500 ms +1500 ms +4 +none/);
    expect(stdout).toMatch(/Place +3000 ms +3000 ms +1 +none/);
    expect(stdout).toMatch(/retry\.max_attempts +4 attempts +service, shop\/v1\/orders\.proto:8\n/);
    expect(stdout).toMatch(/retry\.max_attempts +1 attempt +method, shop\/v1\/orders\.proto:16\n/);
    expect(stdout).not.toContain("\u001b");
  });

  test("tells the end of a stream from its first message", async () => {
    const streams = ["", "stream_max_duration_millis: 60000", "response_timeout_millis: 0"].map(
      (option, index) =>
        `rpc S${index}(M) returns (stream M) { option (service_client.method_config) = { retry {max_attempts: 1} ${option} }; }`,
    );
    using other = createWorkspace({
      "a.proto": text.replace("  rpc Get(M) returns (M) {", `${streams.join("\n")}\n  rpc Get(M) returns (M) {`),
    });
    const { stdout } = await other.talaria("explain", "--service", "Orders");
    expect(stdout).toMatch(/S0 +1500 ms +for ever, 1500 ms to the first message +1 /);
    expect(stdout).toMatch(/S1 +1500 ms +60000 ms, 1500 ms to the first message +1 /);
    expect(stdout).toMatch(/S2 +(?:none|0 ms) +for ever +1 /);
  });

  test("writes the same page as Markdown and as JSON", async () => {
    const service = compileProtos({ "shop/v1/orders.proto": text }).getService("shop.v1.Orders");
    const page = service && contractPage(inspectService(service));
    expect(page).toBeDefined();
    const markdown = await workspace.talaria("explain", "--format", "markdown", "--service", "Orders");
    expect(markdown.stdout).toBe(page && formatContractPage(page));
    const json = await workspace.talaria("explain", "--format=json", "--service=shop.v1.Orders");
    expect(JSON.parse(json.stdout)).toEqual({ services: [JSON.parse(JSON.stringify(page))] });
  });

  test("shows a service without an annotation when asked for it by name", async () => {
    const { code, stdout, stderr } = await workspace.talaria("explain", "--service", "Silent");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/Get +none +for ever +1 +none/);
  });

  test("suggests a name for one that does not exist", async () => {
    expect(await workspace.talaria("explain", "--service", "Order")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "talaria: There is no service Order. Did you mean Orders? There are shop.v1.Orders, shop.v1.Silent.\n",
    });
  });

  test("reads a buf image, and a FileDescriptorSet", async () => {
    for (const flags of [[], ["--as-file-descriptor-set"]]) {
      const image = join(workspace.folder, "image.binpb");
      const { status } = spawnSync(join(root, "node_modules/.bin/buf"), ["build", ...flags, "-o", image], {
        cwd: workspace.folder,
      });
      expect(status).toBe(0);
      const { code, stdout } = await workspace.talaria("explain", "--image", "image.binpb");
      expect([code, stdout.split("\n")[0]]).toEqual([0, "shop.v1.Orders  shop/v1/orders.proto"]);
    }
    workspace.write("broken.binpb", "no image");
    const { code, stderr } = await workspace.talaria("explain", "--image", "broken.binpb");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^talaria: broken\.binpb is no FileDescriptorSet/);
    expect(await workspace.talaria("explain", "--image", "gone.binpb")).toMatchObject({ code: 2 });
  });

  test("says that a path does not exist, and leaves to buf what may be a module of a registry", async () => {
    expect(await workspace.talaria("explain", "shpo")).toEqual({
      code: 2,
      stdout: "",
      stderr: "talaria: shpo does not exist.\n",
    });
    const { stderr } = await workspace.talaria("explain", "registry.invalid/shop/orders");
    expect(stderr).toMatch(/^talaria: `buf build registry\.invalid\/shop\/orders .* failed:/);
  });

  test("passes on what buf says about a file that does not compile", async () => {
    using broken = createWorkspace({
      "a.proto": 'syntax = "proto3";\nservice A { rpc X(Nothing) returns (Nothing); }\n',
    });
    const { code, stdout, stderr } = await broken.talaria("explain");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^talaria: `buf build \. .*` failed:\n.*a\.proto:2:19:.*Nothing/);
  });

  test("fails on a contract that cannot be generated, and shows its line", async () => {
    using broken = createWorkspace({ "a.proto": text.replace("max_attempts: 4", "max_attempts: 9") });
    const { code, stdout, stderr } = await broken.talaria("explain");
    expect(code).toBe(1);
    expect(stdout).toMatch(/error {2}a\.proto:8:\d+: retry\.max_attempts is 9/);
    expect(stderr).toContain("talaria: a contract has errors: shop.v1.Orders\n");
  });

  test("shows errors before everything else, and nothing as the contract that they leave unknown", async () => {
    using broken = createWorkspace({ "a.proto": text.replace("millis: 1500", "millis: -1") });
    const { code, stdout } = await broken.talaria("explain");
    const [title, empty, heading, error] = stdout.split("\n");
    expect([code, title, empty, heading]).toEqual([
      1,
      "shop.v1.Orders  a.proto",
      "",
      "Errors: no client is generated, and what they leave unknown is not on the rest of this page",
    ]);
    expect(error).toMatch(/^ {2}error {2}a\.proto:7:\d+: response_timeout_millis is -1 ms/);
    expect(stdout).toMatch(/\n {2}Get +\? +\? +\? +\?\n {2}Place +3000 ms +3000 ms +1 +none\n\n/);
    const [get = ""] = /\nGet .*?\n\n/s.exec(stdout) ?? [];
    expect(get).toContain("\n  What holds is not known: there is an error in response_timeout_millis.\n");
    expect(get).toMatch(/\n {2}response_timeout_millis +-1 ms \(wrong\) +service, a\.proto:7\n/);
    expect(get).not.toContain("Deadline");
    expect(stdout).not.toContain("Not in the service config");
    const markdown = await broken.talaria("explain", "--format", "markdown");
    expect(markdown.stdout.match(/^## .*$/m)).toEqual(expect.arrayContaining(["## Errors"]));
  });

  test("wraps the defaults at the width of the terminal, and at 100 characters elsewhere", async () => {
    const defaults = async (outputColumns?: number) => {
      const { stdout } = await talariaIn(workspace.folder, ["explain"], outputColumns ? { outputColumns } : {});
      return [...stdout.matchAll(/^ {2}by default: .*(?:\n {4}.*)*/gm)].map(([lines]) => lines.split("\n"));
    };
    const [wide, narrow, endless] = [await defaults(), await defaults(60), await defaults(10_000)];
    const longest = (paragraphs: readonly (readonly string[])[]) =>
      Math.max(...paragraphs.flat().map(({ length }) => length));
    expect(longest(wide)).toBeLessThanOrEqual(100);
    expect(longest(wide)).toBeGreaterThan(60);
    expect(longest(narrow)).toBeLessThanOrEqual(60);
    expect(endless.every(({ length }) => length === 1)).toBe(true);
    const unwrapped = (paragraphs: readonly (readonly string[])[]) =>
      paragraphs.map((lines) => lines.map((line) => line.trim()).join(" "));
    expect(unwrapped(narrow)).toEqual(unwrapped(endless));
  });

  test("colours on a terminal, unless NO_COLOR is set", async () => {
    const coloured = await talariaIn(workspace.folder, ["explain"], { outputIsTerminal: true });
    expect(coloured.stdout).toContain("\u001b[1mshop.v1.Orders\u001b[22m");
    const env = { PATH: pathWithBuf(), NO_COLOR: "1" };
    const plain = await talariaIn(workspace.folder, ["explain"], { outputIsTerminal: true, env });
    expect(plain).toMatchObject({ code: 0, stdout: expect.not.stringContaining("\u001b") });
  });

  test("shows progress to people only", async () => {
    const { stderr } = await talariaIn(workspace.folder, ["explain", "--service", "Orders"], {
      messagesAreTerminal: true,
    });
    expect(stderr).toBe("\r\u001b[Kcompiling . ...\r\u001b[K");
  });

  test("prints nothing else as a process of its own", async () => {
    const inside = await workspace.talaria("explain");
    expect(await spawnTalaria(workspace.folder, ["explain"])).toEqual(inside);
  });
});
