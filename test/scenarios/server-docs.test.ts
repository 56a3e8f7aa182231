// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { contractOf } from "@talaria/contract";
import { expect, test } from "vitest";
import { echoService } from "../e2e/echo.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { freePort } from "../support/free-port.ts";
import { root, runCommand } from "../support/run-command.ts";

const page = readFileSync(join(root, "docs/servers.md"), "utf8");
const blocks = docBlocks(page);

test("the examples of docs/servers.md compile", async () => {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "servers-page-"));
  try {
    const files = blocks.filter(({ language }) => language === "ts");
    expect(files.map(({ name }) => name)).toEqual(["serve.ts", "server.ts", "call.ts", "connect.ts"]);
    for (const { name, text } of files) {
      writeFileSync(join(folder, name), text.replaceAll(/"\.\/gen\/(.*)\.js"/g, '"../../../generated/$1.ts"'));
    }
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["*.ts"], exclude: [] }),
    );
    const { stdout } = await runCommand(["tsc", "--noEmit", "-p", folder]);
    // What the examples import is checked elsewhere.
    const ownErrors = stdout.split("\n").filter((line) => /^error|servers-page-.*error/.test(line));
    expect(ownErrors).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the whole server of docs/servers.md serves the client beside it, and leaves when it is told to", async () => {
  const port = await freePort();
  const [server, call] = ["server.ts", "call.ts"].map((wanted) => {
    const source = blocks.find(({ name }) => name === wanted)?.text ?? "";
    return source.replaceAll("50051", String(port)).replaceAll(/"\.\/gen\/(.*)\.js"/g, '"./generated/$1.ts"');
  });
  const serving = runScript(`${server}\nconsole.log("ready");`);
  try {
    await once(serving.stdout, "data");
    const calling = runScript(
      `${call}\nawait orders.getOrder({ orderId: "8" }).catch(({ message }) => console.log(message));`,
    );
    const [output, [status]] = await Promise.all([text(calling.stdout), once(calling, "exit")]);
    expect(output).toBe('[ "ramen", "gyoza" ]\n3\n4\n[not_found] there is no order 8\n'.replaceAll('"', "'"));
    expect(status).toBe(0);
  } finally {
    serving.kill();
  }
  expect(await once(serving, "exit")).toEqual([0, null]);
});

test("the defaults that docs/servers.md names are those of a contract", () => {
  const { connection, keepalive, drain } = contractOf(echoService({ service: "drain {}" }));
  const defaults = new Map(
    [...page.matchAll(/^\| `(\w+\.\w+)` \| (\w+) \|/gm)].map(([, option, value]) => [option, value]),
  );
  expect(Object.fromEntries(defaults)).toEqual({
    "connection.max_age_millis": `${connection.maxAgeMs}`,
    "connection.max_age_grace_millis": `${connection.maxAgeGraceMs}`,
    "keepalive.time_millis": `${keepalive.timeMs}`,
    "keepalive.timeout_millis": `${keepalive.timeoutMs}`,
    "keepalive.server_min_time_millis": `${keepalive.serverMinTimeMs}`,
    "keepalive.permit_without_calls": `${keepalive.permitWithoutCalls}`,
    "drain.notice_millis": `${drain?.noticeMs}`,
    "drain.grace_millis": `${drain?.graceMs}`,
    "transport_security.mode": "TLS",
  });
});

test("the pod of docs/servers.md has time for notice and grace, and is found not ready within the notice", () => {
  const pod = blocks.find(({ name }) => name === "pod.yaml")?.text ?? "";
  const { drain } = contractOf(echoService({ service: "drain {}" }));
  const [noticeSeconds, graceSeconds] = [drain?.noticeMs ?? 0, drain?.graceMs ?? 0].map((ms) => ms / 1000);
  expect(pod).toContain(`notice ${noticeSeconds} + grace ${graceSeconds} +`);
  expect(Number(/terminationGracePeriodSeconds: (\d+)/.exec(pod)?.[1])).toBeGreaterThan(
    (noticeSeconds ?? 0) + (graceSeconds ?? 0),
  );
  const [, period, threshold] = /readinessProbe:.*?periodSeconds: (\d+)\s+failureThreshold: (\d+)/s.exec(pod) ?? [];
  expect(Number(period) * Number(threshold)).toBeLessThan(noticeSeconds ?? 0);
});

function runScript(script: string) {
  const args = ["--conditions=talaria-source", "--input-type=module-typescript", "--eval", script];
  return spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
}
