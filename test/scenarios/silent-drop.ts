// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { serverAddresses, TestNetwork } from "./support/network.ts";
import { atLeast, atMost, exactly, pause, type Scenario, shown, until } from "./support/scenario.ts";

interface CallEnd {
  readonly atMs: number;
  readonly server?: string;
  readonly failed?: string;
}

/** Packets of one of three servers vanish, both ways. */
export const silentDrop: Scenario = {
  name: "silent-drop",
  shows: "a server whose packets vanish is left within 5 s under traffic, at the contract's defaults, and comes back",
  async run() {
    const obstacle = TestNetwork.obstacle();
    if (obstacle !== undefined) {
      return [shown("not played", obstacle)];
    }
    using network = new TestNetwork();
    const children: ChildProcess[] = [];
    try {
      const server = start(children, TestNetwork.server, "server");
      await once(server, "message");
      const target = `ipv4:${serverAddresses.map((address) => `${address}:50051`).join(",")}`;
      const ends: CallEnd[] = [];
      start(children, TestNetwork.client, "client", target).on("message", (end) => ends.push(end as CallEnd));
      const [, dead = ""] = serverAddresses;
      const isServedBy = (address: string): boolean => ends.slice(-10).some((end) => end.server === address);
      await until("all servers answer", () => serverAddresses.every(isServedBy));

      network.swallow(dead, true);
      const droppedAtMs = Date.now();
      ends.length = 0;
      await pause(12_000);
      const failures = ends.filter(({ failed }) => failed !== undefined);
      const lastFailureMs = Math.max(0, ...failures.map(({ atMs }) => atMs - droppedAtMs));
      const answers = ends.filter((end) => end.server !== undefined).length;
      const fromTheDead = ends.filter((end) => end.server === dead).length;

      network.swallow(dead, false);
      const backAfterMs = await until("the server is used again", () => isServedBy(dead), 30_000);
      return [
        atMost("the last call failed after the packets vanished", 5000, lastFailureMs, " ms"),
        atLeast("calls lost until then", 3, failures.length),
        shown("calls answered meanwhile", String(answers)),
        exactly("calls that the dead server answered", 0, fromTheDead),
        atMost("it is used again after the packets pass", 15_000, backAfterMs, " ms"),
      ];
    } finally {
      for (const child of children) {
        child.kill();
      }
    }
  },
};

function start(children: ChildProcess[], namespace: string, ...args: string[]): ChildProcess {
  const program = fileURLToPath(new URL("support/silent-drop-child.ts", import.meta.url));
  const command = ["netns", "exec", namespace, process.execPath, "--conditions=talaria-source", program, ...args];
  const child = spawn("ip", command, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  return child;
}
