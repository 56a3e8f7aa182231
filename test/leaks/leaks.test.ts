// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("calls that are cancelled, time out, are retried, hedged or left early leave nothing behind", () => {
  const script = fileURLToPath(import.meta.resolve("./run.ts"));
  const flags = ["--expose-gc", "--conditions=talaria-source"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, script, "30000", "2000"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^scripted wire: 30\d{3} calls; .*\ngrpc-js: 2000 calls; .*\n$/);
  expect(status).toBe(0);
});
