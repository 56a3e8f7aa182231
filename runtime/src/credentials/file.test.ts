// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { captureWarnings } from "../../../test/support/warnings.ts";
import { tokenFromFile } from "./file.ts";

const request = { audience: undefined, service: "x.Y" };
const logged = captureWarnings("TALARIA_TOKEN", /^the last token is used on: .*talaria-token-/);
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "talaria-token-"));
  file = join(folder, "token");
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const passSecond = (): void => void vi.advanceTimersByTime(1000);

describe("tokenFromFile()", () => {
  test("looks once a second, and reads what has changed", async () => {
    writeFileSync(file, " first\n");
    const provider = tokenFromFile(file);
    expect(await Promise.all([provider.token(request), provider.token(request)])).toEqual(["first", "first"]);
    writeFileSync(`${file}.new`, "other");
    renameSync(`${file}.new`, file);
    expect(await provider.token(request)).toBe("first");
    passSecond();
    expect(await provider.token(request)).toBe("other");
  });

  test.each([
    ["missing", () => rmSync(file)],
    ["empty", () => writeFileSync(file, "\n")],
  ])("goes on with the last token while the file is %s, and says so once", async (_, disturb) => {
    writeFileSync(file, "first");
    const provider = tokenFromFile(file);
    await provider.token(request);
    disturb();
    for (let looks = 0; looks < 3; looks++) {
      passSecond();
      expect(await provider.token(request)).toBe("first");
    }
    const warnings = await logged.seen();
    expect(warnings.map(({ code }) => code)).toEqual(["TALARIA_TOKEN"]);
    expect(warnings[0]?.message).toContain(file);
    expect(warnings[0]?.message).not.toContain("first");
    writeFileSync(file, "second");
    passSecond();
    expect(await provider.token(request)).toBe("second");
  });

  test("fails as long as there has been no token", async () => {
    const provider = tokenFromFile(file);
    await expect(provider.token(request)).rejects.toThrow("ENOENT");
    writeFileSync(file, "");
    await expect(provider.token(request)).rejects.toThrow(`${file} is empty`);
    writeFileSync(file, "first");
    expect(await provider.token(request)).toBe("first");
  });
});
