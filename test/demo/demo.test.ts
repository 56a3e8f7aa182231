// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Row } from "../../examples/demo/table.ts";
import { root } from "../support/run-command.ts";

describe("npm run demo", () => {
  it("sees everything as expected, in each scene, without a terminal", { timeout: 320_000 }, async () => {
    const demo = start(["--json"]);
    const [stdout, log, [exitCode]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, "close")]);
    const rows: Row[] = JSON.parse(stdout);

    expect(rows.filter(({ passed }) => !passed)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(
      Object.entries(Object.groupBy(rows, ({ scene }) => scene)).map(([scene, of]) => [scene, of?.length]),
    ).toEqual([
      ["lint", 4],
      ["spread", 3],
      ["deadline", 5],
      ["identity", 2],
      ["retry", 4],
      ["hedge", 4],
      ["lost-order", 4],
      ["breaker", 5],
      ["override", 4],
      ["restart", 4],
      ["leave", 3],
      ["streams", 8],
    ]);
    expect(log).toContain("50 of 50 as expected");
    expect(log, "no colours and no moving lines without a terminal").not.toContain("\x1b");
  });

  it.each(["SIGINT", "SIGKILL"] as const)(
    "leaves no server behind when it ends by %s",
    { timeout: 60_000 },
    async (signal) => {
      const demo = start(["breaker"]);
      const closed = once(demo, "close");
      const pid = await serverPid(demo);
      expect(isAlive(pid)).toBe(true);

      demo.kill(signal);
      expect(await closed).toEqual(signal === "SIGINT" ? [130, null] : [null, "SIGKILL"]);
      while (isAlive(pid)) {
        await sleep(20);
      }
    },
  );

  it("names the scenes when it is asked for one that does not exist", async () => {
    const demo = start(["brakes"]);
    const [message, [exitCode]] = await Promise.all([text(demo.stderr), once(demo, "close")]);
    expect(exitCode).toBe(2);
    expect(message).toMatch(/^There is no scene "brakes"\.$/m);
    expect(message).toMatch(/^ {2}breaker {2}/m);
  });
});

function start(args: readonly string[]) {
  return spawn(process.execPath, ["--conditions=talaria-source", "examples/demo/main.ts", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The process of a server that the demo says it has started. */
async function serverPid({ stdout }: ChildProcess): Promise<number> {
  let log = "";
  for await (const chunk of stdout ?? []) {
    log += chunk;
    const pid = /healthy \(pid (?<pid>\d+)\)/.exec(log)?.groups?.pid;
    if (pid !== undefined) {
      return Number(pid);
    }
  }
  throw new Error(`the demo started no server:\n${log}`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
