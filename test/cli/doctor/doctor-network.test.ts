// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { serverAddresses, TestNetwork } from "../../scenarios/support/network.ts";
import { runCommand } from "../../support/run-command.ts";
import { mainFile } from "../run-cli.ts";
import { lineOf, openClinic } from "./shop.ts";

const port = 50051;
const deaf = `require("node:net").createServer((s) => s.resume()).listen(${port}, () => process.send("up"));`;
const sender = `const s = require("node:net").connect(${port}, "${serverAddresses[0]}", () => process.send("up"));
  s.on("error", () => {}); process.on("message", () => s.write("a request"));`;

/** Runs a script in a network namespace, until its scope ends; it has said that it is up. */
async function startIn(namespace: string, script: string, scope: DisposableStack): Promise<ChildProcess> {
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  scope.defer(() => void child.kill());
  await once(child, "message");
  return child;
}

test.skipIf(TestNetwork.obstacle() !== undefined)(
  "talaria doctor finds a server whose packets vanish, and what another process has sent to it in vain (skipped without root)",
  async () => {
    using network = new TestNetwork();
    using scope = new DisposableStack();
    using clinic = openClinic();
    await startIn(network.server, deaf, scope);
    const client = await startIn(network.client, sender, scope);
    network.swallow(serverAddresses[0] ?? "", true);
    client.send("write");
    // Retransmits come after about 0.2 s, 0.6 s, 1.4 s and 3 s.
    const target = `${serverAddresses[0]}:${port}`;
    const options = ["--plaintext", "--timeout-ms", "3500", "--pid", String(client.pid), target];
    const doctor = [process.execPath, "--conditions=talaria-source", mainFile, "doctor", ...options];
    const result = await runCommand(["ip", "netns", "exec", network.client, ...doctor], { folder: clinic.folder });
    expect(result).toMatchObject({ code: 1, stderr: "" });
    expect(lineOf(result, "tcp", target)).toMatch(
      /^✗ no TCP connection: no answer at all, as if packets were dropped on the way \(3\d+ ms\)$/,
    );
    expect(lineOf(result, "process")).toBe(`✗ process ${client.pid} has 1 connection to 1 of 1 address`);
    expect(result.stdout).toMatch(
      /10\.77\.1\.11:50051 ESTABLISHED: 9 B unacknowledged, [3-6] retransmits: nothing gets through, peer or network is gone\n/,
    );
  },
);
