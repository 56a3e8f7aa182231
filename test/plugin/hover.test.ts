// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { default as TypeScript } from "../../node_modules/@bufbuild/protoplugin/node_modules/typescript/lib/typescript.d.ts";
import { createWorkspace } from "./support.ts";

// TypeScript 7 has no API in JavaScript; protoplugin brings an older one along.
const ts: typeof TypeScript = createRequire(import.meta.resolve("@bufbuild/protoplugin"))("typescript");

const proto = `syntax = "proto3";
import "service_client_config.proto";
service Orders {
  option (service_client.client_config).response_timeout_millis = 800;
  // Finds an order.
  rpc Get(Order) returns (Order) {
    option (service_client.method_config).retry = {max_attempts: 4};
  }
  rpc Watch(Order) returns (stream Order);
}
message Order {
  string id = 1;
}
`;

const user = `import type { Client } from "@connectrpc/connect";
import { createOrdersClient } from "./gen/orders_client.js";
import type { Order, Orders } from "./gen/orders_pb.js";
await using orders = createOrdersClient({ target: "dns:///orders:443" });
export const plain: Client<typeof Orders> = orders;
export const order: Promise<Order> = orders.get({});
const { watch } = orders;
void watch;
`;

test.each(["ts", "js+dts"])("an editor shows a method's policy on hover (target=%s)", (target) => {
  using workspace = createWorkspace({ "orders.proto": proto });
  const { stderr } = workspace.generate({ opt: [`target=${target}`, "import_extension=js"] });
  expect(stderr).toBe("");
  expect(workspace.typeCheck({ "user.ts": user })).toEqual({ status: 0, stdout: "", stderr: "" });
  const hover = createHover(workspace.folder, "user.ts");
  expect(hover("get({})")).toEqual({
    type: expect.stringMatching(/^\(property\) OrdersClient\.get: .*=> Promise<Order>$/),
    docs: expect.stringMatching(
      /^Finds an order\.\n\n- Deadline: 800 ms over all attempts\.\n- Retry: up to 4 attempts on UNAVAILABLE.*\.$/,
    ),
  });
  expect(hover("watch }")).toEqual({
    type: expect.stringMatching(/^const watch: .*=> AsyncIterable<Order>$/),
    docs: "- Deadline: 800 ms to the first message.",
  });
  expect(hover("createOrdersClient({").docs).toContain("- `get`: Deadline: 800 ms over all attempts. Retry: up to 4");
});

/** Answers with what an editor shows at the last place of a text in a file. */
function createHover(folder: string, file: string): (at: string) => { type: string; docs: string } {
  const path = join(folder, file);
  const service = ts.createLanguageService({
    getScriptFileNames: () => [path],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) =>
      existsSync(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, "utf8")) : undefined,
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => ({
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      customConditions: ["talaria-source"],
      lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    realpath: (name) => ts.sys.realpath?.(name) ?? name,
  });
  return (at) => {
    const info = service.getQuickInfoAtPosition(path, readFileSync(path, "utf8").lastIndexOf(at));
    return { type: ts.displayPartsToString(info?.displayParts), docs: ts.displayPartsToString(info?.documentation) };
  };
}
