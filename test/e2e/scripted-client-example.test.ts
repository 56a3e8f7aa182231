// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The example in the doc comment of `openScriptedClient()`. */
function example(): string {
  const source = readFileSync(new URL("../../runtime/src/testing/open-scripted-client.ts", import.meta.url), "utf8");
  const block = /^ \* ```ts\n(?<lines>.*?)^ \* ```$/ms.exec(source)?.groups?.lines ?? "";
  return block.replaceAll(/^ \* ?/gm, "");
}

function run(script: string): { readonly status: number | null; readonly stderr: string } {
  const imports = `
    import assert from "node:assert/strict";
    import { greetingServiceContract } from "./generated/greeting_client.ts";`;
  const args = ["--conditions=talaria-source", "--input-type=module-typescript", "--eval", imports + script];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

test("the example of openScriptedClient() runs, and would fail if it were wrong", () => {
  expect(run(example())).toMatchObject({ status: 0, stderr: "" });
  expect(run(example().replace('"No hello today.");', '"Hello, Bob!");')).stderr).toContain("AssertionError");
});
