// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { runCommand } from "../support/run-command.ts";

/** Runs a program in a process in which the API of OpenTelemetry cannot be found, and returns what it says. */
async function runWithoutApi(program: string): Promise<string> {
  const line = [
    process.execPath,
    "--conditions=talaria-source",
    "--import",
    new URL("../support/refuse-open-telemetry.ts", import.meta.url).href,
    "--input-type=module",
    "-e",
    program,
  ];
  const { stdout, stderr } = await runCommand(line);
  return stdout.trim() || stderr;
}

test("clients and servers do without the API of OpenTelemetry", async () => {
  const said = await runWithoutApi(`
    const { configureTalaria, createServiceClient } = await import("@talaria/runtime");
    await import("@talaria/runtime/codegenv1");
    await import("@talaria/runtime/server");
    await import("@talaria/runtime/testing");
    configureTalaria({ hooks: {} });
    console.log(typeof createServiceClient);`);
  expect(said).toBe("function");
});

test("who asks for OpenTelemetry without its API is told what is missing", async () => {
  expect(await runWithoutApi('await import("@talaria/runtime/opentelemetry");')).toContain(
    "not installed: @opentelemetry/api",
  );
});
