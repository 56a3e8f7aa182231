// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BufRun, bufYaml, buildPackage, createTemporaryFolder, runBuf } from "./run-buf.ts";

const bare = `syntax = "proto3";

package shop.v1;

message Empty {}

  service Orders {
    rpc Get(Empty) returns (Empty);
  }
`;

const annotated = bare
  .replace('"proto3";', '"proto3";\nimport "service_client_config.proto";')
  .replace("Orders {", "Orders {\n    option (service_client.client_config).response_timeout_millis = 800;");

const published = createTemporaryFolder();
let plugin = { sh: "", js: "" };

beforeAll(async () => {
  plugin = await buildPackage(published.path);
});

afterAll(() => published[Symbol.dispose]());

const rule = "CLIENT_CONFIG_REQUIRED";

function lint(text: string, config: object = { use: [rule] }, ...args: readonly string[]): BufRun {
  using folder = createTemporaryFolder();
  folder.write({ "buf.yaml": bufYaml(plugin.sh, { lint: config }), "shop.proto": text });
  return runBuf(folder, "lint", ...args);
}

const silent = { status: 0, stdout: "", stderr: "" };

describe("buf lint", () => {
  it("fails at the line of a service that says nothing, and names the rule", () => {
    const { status, stdout, stderr } = lint(bare);
    expect([status, stderr]).toEqual([100, ""]);
    expect(stdout).toMatch(/^shop\.proto:7:3:shop\.v1\.Orders does not say .* \(CLIENT_CONFIG_REQUIRED\) \(.*\)\n$/);
  });

  it("has the rule and the place in JSON", () => {
    const { status, stdout } = lint(bare, { use: [rule] }, "--error-format=json");
    expect(status).toBe(100);
    expect(JSON.parse(stdout)).toMatchObject({
      path: "shop.proto",
      start_line: 7,
      start_column: 3,
      end_line: 9,
      end_column: 4,
      type: rule,
    });
  });

  it("is silent when the service is annotated", () => {
    expect(lint(annotated)).toEqual(silent);
  });

  it("runs by default, and not when only categories of buf are used", () => {
    const finding = /CLIENT_CONFIG_REQUIRED/;
    const ignore = ["service_client_config.proto"];
    expect(lint(bare, { ignore }).stdout).toMatch(finding);
    expect(lint(bare, { ignore, use: ["RELIABILITY"] }).stdout).toMatch(finding);
    expect(lint(bare, { ignore, use: ["STANDARD"] }).stdout).not.toMatch(finding);
  });

  it("never reports what is only imported", () => {
    using folder = createTemporaryFolder();
    folder.write({
      "buf.yaml": JSON.stringify({
        version: "v2",
        modules: [{ path: "mine" }, { path: "theirs", lint: { use: ["MINIMAL"] } }],
        lint: { use: [rule] },
        plugins: [{ plugin: plugin.sh }],
      }),
      "theirs/shop.proto": bare,
      "mine/use.proto": `syntax = "proto3"; package mine.v1; import "shop.proto"; message M { shop.v1.Empty e = 1; }\n`,
    });
    expect(runBuf(folder, "lint", "mine")).toEqual(silent);
  });

  it.each([
    ["a comment", { use: [rule] }, bare.replace("  service", `  // buf:lint:ignore ${rule}\n  service`)],
    ["except", { use: [rule, "FILE_LOWER_SNAKE_CASE"], except: [rule] }, bare],
    ["ignore", { use: [rule], ignore: ["shop.proto"] }, bare],
    ["ignore_only", { use: [rule], ignore_only: { [rule]: ["shop.proto"] } }, bare],
  ])("honours %s", (_, config, text) => {
    const run = lint(text, config);
    expect([run.status, run.stdout]).toEqual([0, ""]);
  });

  it("does not honour a comment where comments are disallowed", () => {
    const text = bare.replace("  service", `  // buf:lint:ignore ${rule}\n  service`);
    expect(lint(text, { use: [rule], disallow_comment_ignores: true }).status).toBe(100);
  });

  it("refuses an option that it does not know, by name", () => {
    using folder = createTemporaryFolder();
    const config = bufYaml(plugin.sh, { lint: { use: [rule] }, options: { timeout: 5 } });
    folder.write({ "buf.yaml": config, "shop.proto": annotated });
    const { status, stdout, stderr } = runBuf(folder, "lint");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Failure: plugin ".*" failed: .*invalid_argument: unknown option "timeout"; .*\n$/);
  });

  it("finds the same with each command that starts the plugin", () => {
    const findings = [plugin.sh, plugin.js].map((command) => {
      using folder = createTemporaryFolder();
      folder.write({ "buf.yaml": bufYaml(command, { lint: { use: [rule] } }), "shop.proto": bare });
      const { type, start_line, message } = JSON.parse(runBuf(folder, "lint", "--error-format=json").stdout);
      return { type, start_line, message };
    });
    expect(findings[0]).toMatchObject({ type: rule, start_line: 7 });
    expect(findings[1]).toEqual(findings[0]);
  });

  it("lists the rules with their purposes", () => {
    using folder = createTemporaryFolder();
    folder.write({ "buf.yaml": bufYaml(plugin.sh), "shop.proto": bare });
    const { status, stdout } = runBuf(folder, "config", "ls-lint-rules", "--format=json");
    expect(status).toBe(0);
    const rules = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rules).toContainEqual(
      expect.objectContaining({
        id: rule,
        categories: ["RELIABILITY"],
        default: true,
        purpose: "Checks that every service says how its clients must behave.",
      }),
    );
  });
});
