// SPDX-License-Identifier: Apache-2.0
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createWorkspace, readFiles, writeFiles } from "./support.ts";

const testdata = fileURLToPath(new URL("../../plugin/testdata", import.meta.url));

/** Each folder of plugin/testdata holds protos, and in `gen/` what becomes of them. */
describe.each(readdirSync(testdata))("golden folder %s", (name) => {
  const folder = join(testdata, name);
  const { protos, golden } = split(readFiles(folder));

  test("becomes exactly what is checked in; UPDATE_GOLDEN=1 renews it", () => {
    using workspace = createWorkspace(protos);
    const { files, stderr } = workspace.generate({ alone: true, opt: ["target=ts+js+dts", "import_extension=js"] });
    expect(stderr).not.toContain("Failure");
    if (process.env.UPDATE_GOLDEN === "1") {
      rmSync(join(folder, "gen"), { recursive: true, force: true });
      writeFiles(join(folder, "gen"), files);
    } else {
      expect(files).toEqual(golden);
    }
  });

  test("compiles beside the output of protoc-gen-es under the strictest flags", () => {
    using workspace = createWorkspace(protos);
    expect(workspace.generate().stderr).not.toContain("Failure");
    expect(workspace.typeCheck()).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

function split(files: Readonly<Record<string, string>>) {
  const protos: Record<string, string> = {};
  const golden: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    if (path.startsWith("gen/")) {
      golden[path.slice("gen/".length)] = text;
    } else {
      protos[path] = text;
    }
  }
  return { protos, golden };
}
