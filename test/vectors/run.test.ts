// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { readonly code: number | null; readonly lines: readonly string[] } {
  const script = join(import.meta.dirname, "run.ts");
  const result = spawnSync(process.execPath, ["--conditions=talaria-source", script, ...args], { encoding: "utf8" });
  return { code: result.status, lines: `${result.stdout}${result.stderr}`.trimEnd().split("\n") };
}

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const file = (name: string, kind: string, ...vectors: object[]): string =>
  write(name, { format: "talaria-vectors/1", kind, vectors });

const backoff = { id: "b", title: "doubling", config: { initial_backoff_millis: 10, max_backoff_millis: 1000 } };
const good = { ...backoff, expect: { base_delays_millis: [10, 20] } };

describe("npm run vectors", () => {
  test("counts, and says well done with its exit code", () => {
    expect(run(file("good.json", "backoff_base", good, { ...good, id: "c" }))).toEqual({
      code: 0,
      lines: ["2 passed, 0 failed"],
    });
  });

  test("skips the page among the files of a folder, and says so", () => {
    const page = write("README.md", "# Vectors");
    expect(run(file("good.json", "backoff_base", good), page)).toEqual({
      code: 0,
      lines: [`skipped ${page}: a page, no vectors`, "1 passed, 0 failed"],
    });
  });

  test("runs all files of a folder, and takes none for a failure", () => {
    const set = mkdtempSync(join(folder, "set-"));
    expect(run(set)).toMatchObject({ code: 1, lines: [`FAILED ${set}`, expect.any(String), "0 passed, 1 failed"] });
    for (const name of ["a.json", "b.json"]) {
      renameSync(file(name, "backoff_base", good), join(set, name));
    }
    expect(run(set)).toEqual({ code: 0, lines: ["2 passed, 0 failed"] });
  });

  test("prints want and got of each failure", () => {
    const bad = { ...backoff, expect: { base_delays_millis: [10, 25] } };
    expect(run(file("bad.json", "backoff_base", bad, good))).toEqual({
      code: 1,
      lines: [
        "FAILED b (backoff_base) doubling",
        "  b.expect.base_delays_millis",
        "    want [10,25]",
        "    got  [10,20]",
        "1 passed, 1 failed",
      ],
    });
  });

  test.each<[string, string, object, string]>([
    ["an unknown kind", "telepathy", good, "there is no runner for vectors of kind telepathy"],
    ["an unknown field", "backoff_base", { ...good, mood: 1 }, "b.mood is not a field this kind of vector has"],
    [
      "an unknown field of a policy",
      "backoff_base",
      { ...good, config: { initial_backof_millis: 10 } },
      "b.config.initial_backof_millis is not a field this kind of vector has",
    ],
    [
      "an unknown expectation",
      "backoff_base",
      { ...good, expect: { ...good.expect, luck: true } },
      "b.expect.luck is not a field this kind of vector has",
    ],
    [
      "an unknown field of an attempt",
      "retry",
      { id: "b", config: {}, attempts: [{ code: "OK", lateny: 5 }], expect: { final: "OK" } },
      "b.attempts[0].lateny is not a field this kind of vector has",
    ],
    [
      "a vector that expects nothing",
      "retry",
      { id: "b", config: {}, attempts: ["OK"], expect: {} },
      "b expects nothing",
    ],
    ["a missing field", "retry", { id: "b", config: {}, expect: {} }, "b.attempts must be a list"],
  ])("%s is a failure", (_, kind, vector, message) => {
    const { code, lines } = run(file("odd.json", kind, vector));
    expect(code).toBe(1);
    expect(lines.slice(1)).toEqual([`  ${message}`, "0 passed, 1 failed"]);
  });

  test("a file that cannot be read is a failure, and the others still run", () => {
    const missing = join(folder, "missing.json");
    const { code, lines } = run(write("broken.json", "{"), missing, file("good.json", "backoff_base", good));
    expect(code).toBe(1);
    expect(lines.filter((line) => line.startsWith("FAILED"))).toHaveLength(2);
    expect(lines.at(-1)).toBe("1 passed, 2 failed");
  });

  test("without a file it runs every set there is", () => {
    const { code, lines } = run();
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^\d{3,} passed, 0 failed$/);
  });
});
