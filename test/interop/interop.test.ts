// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interopServiceConfig } from "./contract.ts";
import { type ClientReport, judge } from "./judge.ts";
import { languages } from "./languages.ts";
import { run } from "./run.ts";
import { type Seen, startInteropServers } from "./server.ts";

describe("interop", () => {
  test("grpc-js with its own retry obeys the emitted service config", async () => {
    await using servers = await startInteropServers();
    const folder = mkdtempSync(join(tmpdir(), "talaria-interop-"));
    const file = join(folder, "service-config.json");
    writeFileSync(file, interopServiceConfig());
    const [node] = languages;
    const command = (await node?.prepare(folder)) ?? [];
    const output = await run([...command, file, ...servers.ports.map(String)], { timeoutMs: 60_000 });
    rmSync(folder, { recursive: true });
    const checks = judge("node", JSON.parse(output) as ClientReport, servers.seen("node"), []);
    expect(checks.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    expect(checks).toHaveLength(6);
  });
});

describe("judge()", () => {
  const good: ClientReport = {
    version: "1",
    slow: { code: "DEADLINE_EXCEEDED", ms: 301 },
    flaky: { code: "OK", ms: 1 },
    spread: 60,
  };
  const seen: Seen = { slowDeadlinesMs: [299], flakyAttempts: [undefined, "1", "2"], spread: [20, 20, 20] };

  const verdicts = (report: Partial<ClientReport>, more: Partial<Seen>, known: readonly string[] = []): string[] =>
    judge(
      "x",
      { ...good, ...report },
      { ...seen, ...more },
      known.map((check) => ({ language: "x", check, why: "" })),
    ).map(({ verdict }) => verdict);

  test("passes what is right", () => {
    expect(verdicts({}, {})).toEqual(["ok", "ok", "ok", "ok", "ok", "ok"]);
  });

  test.each([
    ["a timeout that comes early", { slow: { code: "DEADLINE_EXCEEDED", ms: 3 } }, {}, 1],
    ["no timeout", { slow: { code: "OK", ms: 2000 } }, {}, 0],
    ["no deadline on the wire", {}, { slowDeadlinesMs: [] }, 2],
    ["no retry", {}, { flakyAttempts: [undefined] }, 4],
    ["all calls at one server", {}, { spread: [60, 0, 0] }, 5],
  ])("fails %s", (_, report, more, index) => {
    expect(verdicts(report, more)[index]).toBe("failed");
  });

  test("knows what is written down as failing, and notices when it does not fail any more", () => {
    expect(verdicts({ slow: { code: "DEADLINE_EXCEEDED", ms: 3 } }, {}, ["it fails after"])[1]).toBe("known");
    expect(verdicts({}, {}, ["it fails after"])[1]).toBe("repaired");
  });
});
