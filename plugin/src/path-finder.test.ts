// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createPathFinder } from "./path-finder.ts";

const folder = mkdtempSync(join(tmpdir(), "talaria-paths-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const path of [
  "here.proto",
  "proto/shop/v1/orders.proto",
  "apps/api/proto/stock.proto",
  "a/twice.proto",
  "b/twice.proto",
  "node_modules/p/installed.proto",
  ".cache/hidden.proto",
  "a/b/c/d/deep.proto",
]) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), "");
}

describe("createPathFinder()", () => {
  test.each([
    ["here.proto", "here.proto"],
    ["proto/shop/v1/orders.proto", "proto/shop/v1/orders.proto"],
    ["shop/v1/orders.proto", "proto/shop/v1/orders.proto"],
    ["stock.proto", "apps/api/proto/stock.proto"],
    ["twice.proto", "twice.proto"],
    ["installed.proto", "installed.proto"],
    ["hidden.proto", "hidden.proto"],
    ["deep.proto", "deep.proto"],
    ["gone.proto", "gone.proto"],
  ])("finds %s at %s", (name, path) => {
    expect(createPathFinder(folder)(name)).toBe(path);
  });

  test("looks for a name once", () => {
    const path = join(folder, "a/once.proto");
    writeFileSync(path, "");
    const find = createPathFinder(folder);
    expect(find("once.proto")).toBe("a/once.proto");
    rmSync(path);
    expect(find("once.proto")).toBe("a/once.proto");
  });

  test("lets names be where there is no folder to look in", () => {
    expect(createPathFinder(join(folder, "gone"))("here.proto")).toBe("here.proto");
  });
});
