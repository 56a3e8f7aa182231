// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, runOrFail } from "../../test/support/run-command.ts";

const saveRequest = fileURLToPath(new URL("save-request.ts", import.meta.url));

/**
 * Compiles `.proto` texts by path with the real buf, which hands the request that it has for a plugin to one that keeps
 * it. Answers with the size of the file in bytes.
 */
export async function writeRequest(protos: Readonly<Record<string, string>>, file: string): Promise<number> {
  const folder = `${file}.module`;
  for (const [path, text] of Object.entries(protos)) {
    mkdirSync(dirname(join(folder, "proto", path)), { recursive: true });
    writeFileSync(join(folder, "proto", path), text);
  }
  const modules = [{ path: "proto" }, { path: "options" }];
  writeFileSync(join(folder, "buf.yaml"), JSON.stringify({ version: "v2", modules }));
  cpSync(join(root, "proto"), join(folder, "options"), { recursive: true });
  const local = [process.execPath, saveRequest, file];
  const plugins = [{ local, out: "gen", strategy: "all", opt: ["target=ts", "import_extension=ts"] }];
  await runOrFail(
    [join(root, "node_modules/.bin/buf"), "generate", "--template", JSON.stringify({ version: "v2", plugins })],
    {
      folder,
    },
  );
  rmSync(folder, { recursive: true });
  return statSync(file).size;
}
