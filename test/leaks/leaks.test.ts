// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("calls that are cancelled, time out, are retried, hedged or left early leave nothing behind", {
  timeout: 240_000,
}, () => {
  const script = fileURLToPath(import.meta.resolve("./run.ts"));
  const flags = ["--expose-gc", "--conditions=talaria-source"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, script, "20000", "1000"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^calls over the scripted wire, 20\d{3}: .*\ncalls over grpc-js, 1000: .*\nmessages of one stream, 4000: .*\n$/,
  );
  expect(status).toBe(0);
});
