// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type Message } from "@bufbuild/protobuf";
import type { handleUnaryCall } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority } from "../support/certificates.ts";
import { compileProtos } from "../support/compile.ts";
import { commandsOf } from "../support/doc-blocks.ts";
import { freePort } from "../support/free-port.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { root } from "../support/run-command.ts";
import { readWorkspaces } from "../support/workspaces.ts";
import {
  type Consumer,
  createConsumer,
  documented,
  documentedInstalls,
  install,
  type PackedPackages,
  packPackages,
  usingDoc,
  usingText,
} from "./consumer.ts";

const protoFile = "proto/shop/greeting/v1/greeting.proto";
const generatedFolder = "src/gen/shop/greeting/v1";
const configured = ["buf.yaml", "buf.gen.yaml", "tsconfig.json", "src/main.ts", protoFile];
const generated = ["GreetingService.grpc_service_config.json", "greeting_client.ts", "greeting_pb.ts"];
const productionBytesMax = 15_000_000;

const using = new DisposableStack();
const tarballs = mkdtempSync(join(tmpdir(), "talaria-packed-"));
using.defer(() => rmSync(tarballs, { recursive: true, force: true }));
afterAll(() => using.dispose());

const consumer = using.use(createConsumer());
const production = using.use(createConsumer());
const installs = documentedInstalls();
let packed: PackedPackages;

beforeAll(async () => {
  packed = await packPackages(tarballs);
  for (const path of configured) {
    consumer.write(path, documented(path));
  }
  // The contract is not on a registry, so the production folder, too, needs it from its tarball.
  await Promise.all([
    install(consumer, packed, [
      ...new Set([...installs.production, ...installs.development, ...packed.keys(), ...optionalPeers()]),
    ]),
    install(production, packed, ["@talaria/runtime", "@talaria/contract"], ["--omit=dev"]),
  ]);
});

describe("docs/using.md, in an empty folder outside the repository", () => {
  test("installs the versions that the repository is tested with", () => {
    const { devDependencies } = readJson(join(root, "package.json"));
    const pinned = [...installs.production, ...installs.development].filter((name) => !packed.has(name));
    expect(pinned.sort()).toEqual(pinned.map(nameOf).map((name) => `${name}@${devDependencies[name]}`));
  });

  test("shows the commands that are run here", () => {
    const commands = usingDoc.filter(({ language, name }) => language === "sh" && name === "").flatMap(commandsOf);
    expect(commands.filter((command) => !command.startsWith("npm install "))).toEqual([
      "npx buf lint",
      "npx buf generate",
      "npx tsc",
      "node dist/main.js",
    ]);
  });

  test("lints the annotated service without a word", async () => {
    expect(await consumer.run(["buf", "lint"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("generates messages, client and service config", async () => {
    expect(await consumer.run(["buf", "generate"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(consumer.list(generatedFolder)).toEqual(generated);
    const config = readJson(join(consumer.folder, generatedFolder, generated[0] ?? ""));
    expect(JSON.stringify(config)).toContain('"timeout":"0.800000000s"');
  });

  test("compiles, and so do the declarations of the packages when they are checked strictly", async () => {
    expect(await consumer.run(["tsc"])).toEqual({ code: 0, stdout: "", stderr: "" });
    // Connect's own declarations need the DOM's.
    const lib = ["--skipLibCheck", "false", "--lib", "es2024,esnext.disposable,dom"];
    const strict = [
      "exactOptionalPropertyTypes",
      "noUncheckedIndexedAccess",
      "noImplicitOverride",
      "noImplicitReturns",
      "noPropertyAccessFromIndexSignature",
      "noUnusedLocals",
      "noUnusedParameters",
      "verbatimModuleSyntax",
      "isolatedModules",
    ].flatMap((flag) => [`--${flag}`, "true"]);
    const checked = await consumer.run(["tsc", "--noEmit", ...lib, ...strict]);
    expect(checked).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("says what is missing while there is no server", async () => {
    const { code, stdout, stderr } = await consumer.run(["node", "dist/main.js"], { GREETING_TARGET: "localhost:1" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const [said = ""] = /`(No .*?)`/.exec(usingText) ?? [];
    expect(stderr).toContain(`${said.slice(1, -1)}: `);
  });

  test("calls a server through the generated client, over TLS, with the contract's deadline", async () => {
    const { target, deadlinesMs, authorityFile } = await startGreetingServer(consumer);
    // Both ways to name the authorities that a process trusts: Node's, and gRPC's.
    const trusted = { NODE_EXTRA_CA_CERTS: authorityFile, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: authorityFile };
    const env = { GREETING_TARGET: target, ...trusted };
    expect(await consumer.run(["node", "dist/main.js"], env)).toEqual({ code: 0, stdout: "Hello, Ada!\n", stderr: "" });
    expect(deadlinesMs).toHaveLength(1);
    expect(deadlinesMs[0]).toBeGreaterThan(0);
    expect(deadlinesMs[0]).toBeLessThanOrEqual(800);

    // The authority named in code instead.
    const [open = ""] = documented("src/main.ts").match(/^await using .*$/m) ?? [];
    using _ = temporaryFile("src/main.ts", documented("src/main.ts").replace(open, documented("tls").trim()));
    expect(await consumer.run(["tsc"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const named = await consumer.run(["node", "dist/main.js"], { GREETING_TARGET: target });
    expect(named).toEqual({ code: 0, stdout: "Hello, Ada!\n", stderr: "" });
  });

  test("calls the documented server on this machine, by its name and by its address", async () => {
    const [certificates] = usingDoc.filter(({ name }) => name === "certificates").map(commandsOf);
    const made = await consumer.run(["sh", "-ec", certificates?.join("\n") ?? ""]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const [open = ""] = documented("src/main.ts").match(/^await using .*$/m) ?? [];
    using _ = temporaryFile("src/main.ts", documented("src/main.ts").replace(open, documented("tls").trim()));
    const port = await freePort();
    const script = documented("src/server.ts").replace("50051", String(port));
    consumer.write("src/server.ts", `${script}console.log("ready");\n`);
    try {
      expect(await consumer.run(["tsc"])).toEqual({ code: 0, stdout: "", stderr: "" });
    } finally {
      rmSync(join(consumer.folder, "src/server.ts"));
    }
    const serving = spawn(process.execPath, ["dist/server.js"], {
      cwd: consumer.folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const left = once(serving, "exit");
    try {
      await Promise.race([once(serving.stdout, "data"), left]);
      for (const target of [`dns:///localhost:${port}`, `127.0.0.1:${port}`]) {
        const called = await consumer.run(["node", "dist/main.js"], { GREETING_TARGET: target });
        expect(called).toEqual({ code: 0, stdout: "Hello, Ada!\n", stderr: "" });
      }
    } finally {
      serving.kill();
      await left;
    }
  });

  test("fails the lint of a service that says nothing, at its line", async () => {
    using _ = temporaryFile(protoFile, documented(protoFile).replace(/ {2}option \(.*?\};\n\n/s, ""));
    const { code, stdout } = await consumer.run(["buf", "lint"]);
    expect(code).toBe(100);
    const line = documented(protoFile).split("\n").indexOf("service GreetingService {") + 1;
    expect(stdout).toContain(`${protoFile}:${line}:1:`);
    expect(stdout).toContain("(CLIENT_CONFIG_REQUIRED)");
  });

  test("refuses to generate from a contract with errors, and says where they all are", async () => {
    const before = consumer.read(`${generatedFolder}/greeting_client.ts`);
    const text = documented(protoFile).replace("millis: 800", "millis: -1").replace("attempts: 3", "attempts: 9");
    using _ = temporaryFile(protoFile, text);
    const { code, stderr } = await consumer.run(["buf", "generate"]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /greeting\.proto:\d+:\d+: .*response_timeout_millis.*\n.*greeting\.proto:\d+:\d+: .*max_attempts/,
    );
    expect(consumer.read(`${generatedFolder}/greeting_client.ts`)).toBe(before);
  });

  test("works with a copy of the annotation language in the tree", async () => {
    const script = usingDoc.find(({ name }) => name === "vendor")?.text ?? "";
    expect(await consumer.run(["sh", "-e", "-c", script])).toMatchObject({ code: 0, stderr: "" });
    const lint = ["buf", "lint", "--config", documented("vendored/buf.yaml")];
    expect(await consumer.run(lint)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  describe("compares with what was", () => {
    const withoutBreaker = documented(protoFile).replace("    circuit_breaker: {}\n", "");

    async function findsRemovedBreaker(command: string): Promise<void> {
      using _ = temporaryFile(protoFile, withoutBreaker);
      const { code, stdout } = await consumer.run(["sh", "-c", command]);
      expect({ code, rules: stdout.match(/CLIENT_\w+/g) }).toEqual({
        code: 100,
        rules: ["CLIENT_CIRCUIT_BREAKER_REMOVED"],
      });
      expect(stdout).toContain(`${protoFile}:`);
    }

    test("in a commit, by a copy of the annotation language", async () => {
      await consumer.run(["sh", "-e", "-c", documented("vendor")]);
      using _ = temporaryFile("buf.yaml", documented("vendored/buf.yaml"));
      using _commit = await commitAll(consumer);
      expect(await consumer.run(["sh", "-c", documented("breaking")])).toEqual({ code: 0, stdout: "", stderr: "" });
      await findsRemovedBreaker(documented("breaking"));
    });

    test("in a commit, where buf says what is missing without a copy", async () => {
      using _ = await commitAll(consumer);
      const { stderr } = await consumer.run(["sh", "-c", documented("breaking")]);
      const [, said = "no such sentence"] = /`(Module "path: .*?)`/.exec(usingText) ?? [];
      expect(stderr).toContain(said);
    });

    test("by an image", async () => {
      const [build = "", compare = ""] = documented("image").split("\n");
      expect(await consumer.run(["sh", "-c", build])).toEqual({ code: 0, stdout: "", stderr: "" });
      await findsRemovedBreaker(compare);
    });
  });

  test("generates the same with protoc", async () => {
    // buf's stand-in takes paths of files, where protoc also takes names below -I.
    const [, ...args] = documented("protoc").trim().split(" ");
    const command = args
      .map((arg) => arg.replaceAll("src/gen", "protoc-gen"))
      .map((arg) => arg.replace(/^shop\//, "proto/shop/"))
      .map((arg) => (arg === "service_client_config.proto" ? `node_modules/@talaria/contract/proto/${arg}` : arg));
    consumer.write("protoc-gen/.keep", "");
    expect(await consumer.run(["buf", "alpha", "protoc", ...command])).toMatchObject({ code: 0, stdout: "" });
    for (const file of generated) {
      expect(consumer.read(join("protoc-gen/shop/greeting/v1", file))).toBe(consumer.read(join(generatedFolder, file)));
    }
  });
});

describe("the packages", () => {
  test("hold what is built, and no sources or tests", () => {
    for (const name of packed.keys()) {
      const files = consumer.list(join("node_modules", name));
      expect(files).toContain("LICENSE");
      expect(files.filter((file) => /^src\/|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    }
  });

  test("export what their package.json names", async () => {
    for (const name of packed.keys()) {
      const { exports } = readJson(join(consumer.folder, "node_modules", name, "package.json"));
      for (const door of Object.keys(exports)) {
        const script = `const door = await import(${JSON.stringify(join(name, door))}); console.log(Object.keys(door).length > 0)`;
        const imported = await consumer.run(["node", "--input-type=module", "-e", script]);
        expect({ door: join(name, door), ...imported }).toMatchObject({ stdout: "true\n", stderr: "" });
      }
    }
  });

  test("do without optional peers until what needs them is imported", async () => {
    const script = 'await import("@talaria/runtime"); await import("@talaria/runtime/codegenv1");';
    const imported = await production.run(["node", "--input-type=module", "-e", script]);
    expect(imported).toEqual({ code: 0, stdout: "", stderr: "" });
    const installed = optionalPeers().filter((pin) => existsSync(join(production.folder, "node_modules", nameOf(pin))));
    expect(installed).toEqual([]);
  });

  test("bring neither TypeScript nor buf nor protoplugin to a production install, and at most 15 MB", () => {
    const files = production.list("node_modules");
    const manifests = files.filter((file) => /(^|node_modules\/)(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
    const names = manifests.map((file) => readJson(join(production.folder, "node_modules", file)).name);
    expect(names).toContain("@talaria/runtime");
    expect(names.filter((name) => /typescript|@bufbuild\/(?!protobuf$)|^protoc-gen|^buf/.test(name))).toEqual([]);
    const bytes = files.reduce((sum, file) => sum + statSync(join(production.folder, "node_modules", file)).size, 0);
    expect(bytes).toBeLessThan(productionBytesMax);
  });
});

/** What some doors of our packages need, in the versions that the repository is tested with. */
function optionalPeers(): string[] {
  const { devDependencies } = readJson(join(root, "package.json"));
  const names = readWorkspaces().flatMap((workspace) => workspace.optionalPeers);
  return [...new Set(names)].map((name) => `${name}@${devDependencies[name]}`);
}

function nameOf(pin: string): string {
  return pin.slice(0, pin.lastIndexOf("@"));
}

/** Writes another text to a documented file, and writes the documented one back at the end of the scope. */
function temporaryFile(path: string, text: string): Disposable {
  expect(text).not.toBe(documented(path));
  consumer.write(path, text);
  return { [Symbol.dispose]: () => consumer.write(path, documented(path)) };
}

/** Makes a repository with one commit of everything but the packages, and removes it at the end of the scope. */
async function commitAll({ folder, run }: Consumer): Promise<Disposable> {
  const git = "git -c user.name=consumer -c user.email=consumer@example.com";
  const commands = [
    "git init -q -b main .",
    "echo node_modules > .git/info/exclude",
    "git add .",
    `${git} commit -q -m all`,
  ];
  expect(await run(["sh", "-c", commands.join(" && ")])).toEqual({ code: 0, stdout: "", stderr: "" });
  return { [Symbol.dispose]: () => rmSync(join(folder, ".git"), { recursive: true }) };
}

async function startGreetingServer(
  consumer: Consumer,
): Promise<{ target: string; deadlinesMs: number[]; authorityFile: string }> {
  const registry = compileProtos({ "greeting.proto": documented(protoFile) });
  const service = registry.getService("shop.greeting.v1.GreetingService");
  const response = registry.getMessage("shop.greeting.v1.HelloResponse");
  if (service === undefined || response === undefined) {
    throw new Error("docs/using.md no longer declares shop.greeting.v1.GreetingService");
  }
  const authority = await createTestAuthority();
  consumer.write("authority.pem", authority.ca);
  const deadlinesMs: number[] = [];
  const hello: handleUnaryCall<Message, Message> = (call, callback) => {
    deadlinesMs.push(Number(call.getDeadline()) - Date.now());
    const { name } = call.request as unknown as { name: string };
    callback(null, create(response, { greeting: `Hello, ${name}!` }));
  };
  const tls = await authority.issue([{ type: "dns", value: "localhost" }]);
  const server = await startGrpcServer(service, { hello }, { tls });
  using.defer(() => server.server.forceShutdown());
  return { target: server.target, deadlinesMs, authorityFile: join(consumer.folder, "authority.pem") };
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}
