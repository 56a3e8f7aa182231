// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTalaria } from "@talaria/cli";
import { afterAll, describe, expect, test } from "vitest";
import { root, runCommand } from "../support/run-command.ts";
import { talariaIn } from "./run-cli.ts";
import { synthesiseCode } from "./synthesise-code.ts";

const temporary = mkdtempSync(join(tmpdir(), "talaria-audit-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const raw = `import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { OrderService } from "./gen/orders_pb.ts";

const orders = createClient(OrderService, createGrpcTransport({ baseUrl: "http://127.0.0.1:1" }));

export async function find(orderId: string): Promise<string | undefined> {
  const { order } = await orders.getOrder({ orderId });
  return order?.orderId;
}
`;
const forgotten = `import { createOrderServiceClient } from "./gen/orders_client.ts";
export async function main(): Promise<void> {
  const orders = createOrderServiceClient({ target: "dns:///orders:50051" });
  await orders.getOrder({ orderId: "4711" });
}
`;

let folders = 0;
function createFolder(files: Readonly<Record<string, string>>): string {
  folders += 1;
  const folder = join(temporary, String(folders));
  cpSync(join(root, "generated/shop/orders/v1"), join(folder, "gen"), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("talaria audit", () => {
  test("says where, what, and what to write instead, one line each", async () => {
    const folder = createFolder({ "raw.ts": raw, "forgotten.ts": forgotten });
    const { code, stdout, stderr } = await talariaIn(folder, ["audit"]);
    expect(stdout).toBe(
      "forgotten.ts:3:18: nothing closes this client of shop.orders.v1.OrderService: its connection and timers stay, and may keep the process alive. " +
        "Write `await using client = createOrderServiceClient(…)`, or keep the client where its owner closes it with [Symbol.asyncDispose](). (client-never-closed)\n" +
        "raw.ts:5:16: createClient goes around the contract of shop.orders.v1.OrderService: its calls have no deadline, no safe retry and no circuit breaker. " +
        "Write createOrderServiceClient({ target }) of orders_client.ts; where the transport must stay, guard(transport, orderServiceContract), which --fix writes. (unguarded-connect-client)\n" +
        "4 files, 2 findings, --fix rewrites 1\n",
    );
    expect([code, stderr]).toEqual([1, ""]);
  });

  test("answers as JSON, of the rules that were asked for", async () => {
    const folder = createFolder({ "raw.ts": raw, "forgotten.ts": forgotten });
    const { code, stdout } = await talariaIn(folder, [
      "audit",
      "--rule",
      "unguarded-connect-client,nice-grpc-client",
      "--format",
      "json",
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      files: 4,
      findings: [
        {
          file: "raw.ts",
          line: 5,
          column: 16,
          endLine: 5,
          endColumn: 98,
          rule: "unguarded-connect-client",
          message: expect.stringContaining("guard(transport, orderServiceContract)"),
          fixable: true,
        },
      ],
      fixed: [],
      warnings: [],
    });
  });

  test("says where a file does not parse, and reports what is found in the rest of it", async () => {
    const folder = createFolder({ "broken.ts": raw.replace("async function find", "async function"), "raw.ts": raw });
    const { code, stdout, stderr } = await talariaIn(folder, ["audit"]);
    expect(stderr).toBe(
      "broken.ts:7:22: warning: this does not parse (Identifier expected.), so something may be missed\n",
    );
    expect(stdout).toContain("broken.ts:5:16: createClient goes around the contract");
    expect(code).toBe(1);
    const { stdout: json } = await talariaIn(folder, ["audit", "--format", "json"]);
    expect(JSON.parse(json).warnings).toEqual([
      { file: "broken.ts", line: 7, column: 22, message: "Identifier expected." },
    ]);
  });

  test("refuses a folder without sources, and says what it looked for", async () => {
    const folder = createFolder({});
    mkdirSync(join(folder, "srx/test"), { recursive: true });
    writeFileSync(join(folder, "srx/test/a.ts"), raw.replace("./gen/", "../../gen/"));
    writeFileSync(join(folder, "srx/notes.md"), "");
    expect(await talariaIn(folder, ["audit", "srx"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "talaria: there is nothing to audit in srx: no file *.ts, *.tsx, *.mts or *.cts, beside declarations, node_modules and hidden folders. " +
        "Tests are passed over: --tests audits them, too.\n",
    });
    expect(await talariaIn(folder, ["audit", "--tests", "srx"])).toMatchObject({ code: 1, stderr: "" });
    // One of several may be without sources.
    expect(await talariaIn(folder, ["audit", "srx", "gen"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("answers as SARIF 2.1.0", async () => {
    const folder = createFolder({ "forgotten one.ts": forgotten });
    const { code, stdout } = await talariaIn(folder, ["audit", "--format", "sarif"]);
    expect(code).toBe(1);
    const { version, runs } = JSON.parse(stdout);
    const [{ tool, results, columnKind }] = runs;
    expect([version, runs.length, columnKind]).toEqual(["2.1.0", 1, "utf16CodeUnits"]);
    expect(results).toEqual([
      {
        ruleId: "client-never-closed",
        ruleIndex: tool.driver.rules.findIndex(({ id }: { id: string }) => id === "client-never-closed"),
        level: "warning",
        message: { text: expect.stringContaining("nothing closes this client") },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "forgotten%20one.ts" },
              region: { startLine: 3, startColumn: 18, endLine: 3, endColumn: 77 },
            },
          },
        ],
      },
    ]);
    expect(tool.driver.rules[results[0].ruleIndex].shortDescription.text).toMatch(/^Finds clients .*\.$/);
  });

  test("--fix writes code that compiles and goes by the contract; auditing again finds nothing", async () => {
    const folder = join(temporary, "fixed");
    for (const file of ["greeting_pb.ts", "greeting_client.ts", "service_client_config_pb.ts"]) {
      cpSync(join(root, "generated", file), join(folder, "gen", file));
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const compilerOptions = { noEmit: true, isolatedDeclarations: false, erasableSyntaxOnly: false };
    const tsconfig = { extends: join(root, "tsconfig.base.json"), compilerOptions, files: ["main.ts"] };
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    writeFileSync(
      join(folder, "main.ts"),
      `import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { GreetingService } from "./gen/greeting_pb.ts";

const greeting = createClient(GreetingService, createGrpcTransport({ baseUrl: "http://127.0.0.1:1" }));
export const hello = async (name: string): Promise<string> => (await greeting.hello({ name })).greeting;
`,
    );
    const { code, stdout } = await talariaIn(folder, ["audit", "--fix"]);
    expect([code, stdout]).toEqual([0, "4 files, nothing goes around a contract, 1 fixed\n"]);
    expect(readFileSync(join(folder, "main.ts"), "utf8")).toBe(`import { guard } from "@talaria/runtime";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { greetingServiceContract } from "./gen/greeting_client.ts";

const greeting = guard(createGrpcTransport({ baseUrl: "http://127.0.0.1:1" }), greetingServiceContract);
export const hello = async (name: string): Promise<string> => (await greeting.hello({ name })).greeting;
`);
    expect(await runCommand(["tsc", "-p", folder])).toMatchObject({ stdout: "", code: 0 });
    expect(await talariaIn(folder, ["audit"])).toMatchObject({ code: 0 });
  });

  test.each([
    [["--rule", "client-per-requets"], /no rule "client-per-requets"\. Did you mean client-per-request\?/],
    [["nowhere"], /there is no file or folder nowhere\./],
    [["notes.txt"], /notes\.txt is no source of TypeScript or JavaScript\./],
    [["--format", "xml"], /--format is "xml", and can be text, json, sarif\./],
  ])("refuses %j with exit code 2", async (args, message) => {
    writeFileSync(join(temporary, "notes.txt"), "");
    const { code, stdout, stderr } = await talariaIn(temporary, ["audit", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("finds nothing in the examples of this repository", async () => {
    const { code, stdout } = await talariaIn(root, ["audit", "examples", "docs"]);
    expect(stdout).toMatch(/^\d+ files, nothing goes around a contract\n$/);
    expect(code).toBe(0);
  });
});

describe("talaria audit of a large code base", () => {
  const folder = join(temporary, "large");
  const clients = synthesiseCode(folder, 2000);

  /** Runs the command in this process. */
  async function run(args: readonly string[], onMessage?: (text: string, interrupt: AbortController) => void) {
    const interrupt = new AbortController();
    const [output, messages]: [string[], string[]] = [[], []];
    const code = await runTalaria(["audit", ...args], {
      folder,
      env: {},
      writeOutput: (text) => output.push(text),
      writeMessage: (text) => {
        messages.push(text);
        onMessage?.(text, interrupt);
      },
      outputIsTerminal: false,
      messagesAreTerminal: onMessage !== undefined,
      signal: interrupt.signal,
    });
    return { code, output: output.join(""), messages };
  }

  test("finds everything, and shows its progress to people only", async () => {
    const { code, output, messages } = await run([], () => undefined);
    expect([code, output.split("\n").at(-2)]).toEqual([
      1,
      `2002 files, ${clients} findings, --fix rewrites ${clients}`,
    ]);
    expect(messages[0]).toBe("\r\u001b[KReading 0 of 2002 files ...");
    expect(messages.at(-1)).toBe("\r\u001b[K");
    expect(await run(["src/area-0"])).toMatchObject({ code: 1, messages: [] });
  });

  test.each(["Reading", "Auditing"])("interrupted while %s, it writes nothing", async (stage) => {
    const file = join(folder, "src/area-0/part-9.ts");
    const before = readFileSync(file, "utf8");
    const { code, output, messages } = await run(["--fix"], (text, interrupt) => {
      if (text.includes(stage)) {
        interrupt.abort();
      }
    });
    expect([code, output, messages.at(-1)]).toEqual([2, "", "talaria: interrupted\n"]);
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
