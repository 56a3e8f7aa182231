// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundlePlugin } from "../../lint/build-commands.ts";
import { createTemporaryFolder, root, runBuf } from "./run-buf.ts";

it("the plugin in the SDK's README works as it stands", async () => {
  const text = readFileSync(join(root, "lint/src/bufplugin/README.md"), "utf8");
  const blocks = [...text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)];
  expect(blocks.map(([, name]) => name)).toEqual(["spec.ts", "main.ts", "buf.yaml"]);

  using folder = createTemporaryFolder();
  // One file, because nine starts would each load forty.
  const sdk = join(folder.path, "sdk.cjs");
  await bundlePlugin(join(root, "lint/src/bufplugin/index.ts"), sdk);
  folder.write(
    Object.fromEntries(
      blocks.map(([, name = "", block = ""]) => [name, block.replaceAll("buf-plugin-talaria/bufplugin", sdk)]),
    ),
  );
  folder.write({
    "package.json": '{ "type": "module" }',
    "a.proto": `syntax = "proto3";
message Empty {}
service Big {
  rpc One(Empty) returns (Empty);
  rpc Two(Empty) returns (Empty);
  rpc Three(Empty) returns (Empty);
}
`,
  });
  const { status, stdout } = runBuf(folder, "lint");
  expect(stdout).toBe("a.proto:6:3:Big has 3 methods, more than 2. Split it. (node)\n");
  expect(status).toBe(100);
});
