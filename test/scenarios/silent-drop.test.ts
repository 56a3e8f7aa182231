// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { silentDrop } from "./silent-drop.ts";
import { TestNetwork } from "./support/network.ts";

const obstacle = TestNetwork.obstacle();

describe.skipIf(obstacle !== undefined)(`in network namespaces${obstacle === undefined ? "" : `: ${obstacle}`}`, () => {
  test("a server whose packets vanish is left, and comes back", { timeout: 60_000 }, async () => {
    const findings = await silentDrop.run("short");
    expect(findings.length).toBeGreaterThan(10);
    expect(findings.filter(({ passed }) => !passed)).toEqual([]);
    expect(namespacesOf(process.pid)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s leaves no namespace behind", { timeout: 30_000 }, async (signal) => {
    const network = fileURLToPath(new URL("support/network.ts", import.meta.url));
    const program = `
      import { TestNetwork } from ${JSON.stringify(network)};
      new TestNetwork();
      console.log("open");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(namespacesOf(child.pid)).toHaveLength(3);
    child.kill(signal);
    await once(child, "exit");
    expect(namespacesOf(child.pid)).toEqual([]);
  });
});

function namespacesOf(pid: number | undefined): string[] {
  const names = execFileSync("ip", ["netns", "list"], { encoding: "utf8" }).split("\n");
  return names.filter((name) => name.startsWith(`talaria-${pid}-`));
}
