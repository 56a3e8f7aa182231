// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root } from "../support/run-command.ts";

const guard = join(root, "test/support/check-node.mjs");
const folder = mkdtempSync(join(tmpdir(), "talaria-node-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the guard in a Node.js that believes to be another version. */
function runAs(version: string) {
  const disguise = join(folder, `${version}.cjs`);
  const versions = `{ ...process.versions, node: "${version}" }`;
  writeFileSync(
    disguise,
    `Object.defineProperty(process, "versions", { value: ${versions} });\n` +
      `Object.defineProperty(process, "version", { value: "v${version}" });\n`,
  );
  return spawnSync(process.execPath, ["--require", disguise, guard], { encoding: "utf8" });
}

/** A Node.js of the host that is too old, if there is one: what a newcomer may have. */
function findOldNode(): string | undefined {
  const candidates = (process.env.PATH ?? "").split(delimiter).map((path) => join(path, "node"));
  return candidates.find((candidate) => {
    const { stdout } = spawnSync(candidate, ["--version"], { encoding: "utf8" });
    return /^v(1\d|2[01])\./.test(stdout ?? "");
  });
}

const refusal = (version: string) =>
  new RegExp(
    `^Talaria is developed on Node\\.js 22\\.18 or later, but this is v${version}.*npm ci --ignore-scripts=false`,
    "s",
  );

describe("check-node.mjs", () => {
  test("is content with the Node.js that the repository brings", () => {
    const { status, stderr } = spawnSync(process.execPath, [guard], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test.each(["22.18.0", "24.0.0", "26.1.0"])("is content with %s", (version) => {
    expect(runAs(version)).toMatchObject({ status: 0, stderr: "" });
  });

  test.each(["20.20.2", "22.17.1", "18.0.0"])("refuses %s, and says what to do", (version) => {
    const { status, stderr } = runAs(version);
    expect(status).toBe(1);
    expect(stderr).toMatch(refusal(version));
  });

  const oldNode = findOldNode();
  test.skipIf(oldNode === undefined)("is understood by an old Node.js of the host", () => {
    const { status, stderr } = spawnSync(oldNode ?? "", [guard], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(refusal(""));
  });
});
