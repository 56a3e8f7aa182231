// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { rollingRestart } from "./rolling-restart.ts";

test("a rolling restart fails no call", { timeout: 120_000 }, async () => {
  const findings = await rollingRestart.run("short");
  expect(findings.filter(({ passed }) => !passed)).toEqual([]);
});
