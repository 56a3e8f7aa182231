// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, type Message } from "@bufbuild/protobuf";
import type { handleUnaryCall } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { GetOrderResponseSchema, OrderService } from "../../generated/shop/orders/v1/orders_pb.ts";
import { createWorkspace } from "../cli/run-cli.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { freePort } from "../support/free-port.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { root, runCommand, runOrFail } from "../support/run-command.ts";
import { readWorkspaces } from "../support/workspaces.ts";

const folders = readWorkspaces().map(({ folder }) => folder);

function readmeOf(folder: string): string {
  return readFileSync(join(root, folder, "README.md"), "utf8");
}

function exampleOf(folder: string): string {
  return docBlocks(readmeOf(folder)).find(({ name }) => name === "first.ts")?.text ?? "";
}

/** Runs an example as if the generated code were beside it. */
function run(example: string) {
  const script = example.replaceAll(/"\.\/gen\/(.*)\.js"/g, '"./generated/$1.ts"');
  const args = ["--conditions=talaria-source", "--input-type=module-typescript", "--eval", script];
  return runCommand([process.execPath, ...args]);
}

test("every package is published with its README", async () => {
  const command = ["npm", "pack", "--workspaces", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await runOrFail(command);
  const packages = Object.values(JSON.parse(stdout) as Record<string, { name: string; files: { path: string }[] }>);
  const withReadme = packages.filter(({ files }) => files.some(({ path }) => path === "README.md"));
  expect(withReadme.map(({ name }) => name).sort()).toEqual(
    readWorkspaces()
      .map(({ name }) => name)
      .sort(),
  );
});

test.each(folders)("%s/README.md has the package's name, and no link to a file that does not exist", (folder) => {
  const text = readmeOf(folder);
  const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  expect(text.split("\n")[0]).toBe(`# ${name}`);
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target = ""]) => target);
  expect(links.filter((target) => !existsSync(join(root, folder, target)))).toEqual([]);
});

test("the examples of the packages' READMEs compile", async () => {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "package-readmes-"));
  try {
    for (const name of ["contract", "runtime"]) {
      const text = exampleOf(name).replaceAll(/"\.\/gen\/(.*)\.js"/g, '"../../../generated/$1.ts"');
      expect(text).toContain(`from "@talaria/${name}"`);
      writeFileSync(join(folder, `${name}.ts`), text);
    }
    const config = { extends: join(root, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout } = await runCommand(["tsc", "--noEmit", "-p", folder]);
    // What the examples import is checked elsewhere.
    expect(stdout.split("\n").filter((line) => /^error|package-readmes-.*error/.test(line))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the example of contract/README.md prints what stands below it", async () => {
  const shown = docBlocks(readmeOf("contract")).find(({ language }) => language === "text")?.text;
  expect(await run(exampleOf("contract"))).toEqual({ code: 0, stdout: shown, stderr: "" });
});

test("the example of runtime/README.md gets an answer, and says why it gets none", async () => {
  const getOrder: handleUnaryCall<Message, Message> = (_, reply) =>
    reply(null, create(GetOrderResponseSchema, { order: { orderId: "7", dishes: ["ramen"] } }));
  await using server = new AsyncDisposableStack();
  const { port } = server.adopt(await startGrpcServer(OrderService, { getOrder }), (started) => started.close());
  const answered = await run(exampleOf("runtime").replace("50051", String(port)));
  expect(answered).toEqual({ code: 0, stdout: "[ 'ramen' ]\n", stderr: "" });
  const refused = await run(exampleOf("runtime").replace("50051", String(await freePort())));
  expect(refused).toMatchObject({ code: 0, stderr: "" });
  expect(refused.stdout).toMatch(/^connection_lost: \[unavailable\] No connection established: .*after 4 attempts/);
});

test("the example of cli/README.md prints what stands below it, and more", async () => {
  const [command, shown] = docBlocks(readmeOf("cli")).filter(({ name }) => name === "first");
  using workspace = createWorkspace({
    "greeting.proto": readFileSync(join(root, "examples/greeting/proto/greeting.proto"), "utf8"),
  });
  const [npx, talaria, ...args] = command?.text.trim().split(" ") ?? [];
  expect([npx, talaria]).toEqual(["npx", "talaria"]);
  const { code, stdout } = await workspace.talaria(...args);
  expect(code).toBe(0);
  expect(stdout.slice(0, shown?.text.length)).toBe(shown?.text);
});

test("cli/README.md lists every command, in the order of the help", async () => {
  using workspace = createWorkspace({});
  const { stdout } = await workspace.talaria("--help");
  const [, list = ""] = stdout.split("Commands:\n");
  const commands = [...(list.split("\n\n")[0] ?? "").matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
  const listed = [...readmeOf("cli").matchAll(/^\| `talaria (\w+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(commands);
});
