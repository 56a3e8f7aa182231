// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { createWorkspace, runIn } from "./support.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = mkdtempSync(join(tmpdir(), "talaria-dist-"));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

describe("the bundle that is published", () => {
  const built = runIn(root, [process.execPath, "plugin/build.ts", dist]);
  writeFileSync(join(dist, "package.json"), '{ "type": "module" }');

  test("builds to something small that imports Node's own modules and nothing else", () => {
    expect(built).toMatchObject({ status: 0, stderr: "" });
    const scripts = readdirSync(dist).filter((name) => name.endsWith(".js"));
    const imports = scripts.flatMap((name) =>
      [...readFileSync(join(dist, name), "utf8").matchAll(/^(?:import|export) .*?from "([^"]+)"/gm)].map(
        ([, from]) => from,
      ),
    );
    expect(imports.filter((from) => !from?.startsWith("./")).sort()).toEqual(["node:fs", "node:v8"]);
    const size = scripts.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
    expect(size).toBeLessThan(500_000);
  });

  test("generates what the source generates, in every target", () => {
    using workspace = createWorkspace({
      "orders.proto": `syntax = "proto3";
import "service_client_config.proto";
service Orders { option (service_client.client_config).response_timeout_millis = 800; }
`,
    });
    const opt = ["target=ts+js+dts"];
    const fromSource = workspace.generate({ alone: true, opt });
    const fromBundle = workspace.generate({ alone: true, opt, command: [process.execPath, join(dist, "main.js")] });
    expect(fromBundle).toEqual(fromSource);
    expect(Object.keys(fromBundle.files)).toHaveLength(4);
  });

  test.skipIf(process.platform === "win32")("waits for a request on a pipe that does not block", () => {
    // The first program leaves the pipe non-blocking behind; the plugin begins to read while it is empty.
    const leave = `"${process.execPath}" -e "process.stdin.isTTY; process.kill(process.pid, 9)"`;
    const pipe = `(sleep 0.3; printf '') | (${leave}; exec "${process.execPath}" main.js)`;
    expect(runIn(dist, ["sh", "-c", pipe])).toMatchObject({ status: 0, stderr: expect.not.stringContaining("EAGAIN") });
  });

  test("says in one line what is wrong with its input", () => {
    const outcome = runIn(dist, [process.execPath, "main.js"], new TextEncoder().encode("no request"));
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr: "protoc-gen-talaria: this is not a CodeGeneratorRequest: field 13 is not length-delimited\n",
    });
  });

  test("says in one line that it needs a later Node.js, and needs no bundle for it", () => {
    const versions = `{ value: { ...process.versions, node: "20.19.0" } }`;
    const pretend = `data:text/javascript,Object.defineProperty(process, "versions", ${versions})`;
    const bin = join(root, "plugin/bin/protoc-gen-talaria.js");
    expect(runIn(dist, [process.execPath, "--import", pretend, bin])).toEqual({
      status: 1,
      stdout: "",
      stderr: "protoc-gen-talaria: needs Node 22 or later, this is Node 20.19.0\n",
    });
  });

  test("says its version, and what it is for", () => {
    const { version } = JSON.parse(readFileSync(join(root, "plugin/package.json"), "utf8"));
    const run = (arg: string) => runIn(dist, [process.execPath, "main.js", arg]);
    expect(run("--version")).toEqual({ status: 0, stdout: "", stderr: `protoc-gen-talaria ${version}\n` });
    expect(run("--help")).toMatchObject({ status: 0, stderr: expect.stringContaining("run by buf or protoc") });
    expect(run("greeting.proto")).toMatchObject({ status: 1, stderr: expect.stringContaining("run by buf or protoc") });
  });
});
