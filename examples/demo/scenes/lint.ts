// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expectEqual } from "../check.ts";
import { cleanUp } from "../cleanup.ts";
import type { Scene } from "../scene.ts";
import type { Screen } from "../screen.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const menuFile = "proto/shop/menu/v1/menu.proto";
const annotation = [
  "option (service_client.client_config) = {",
  "  response_timeout_millis: 800",
  "  retry: {max_attempts: 3}",
  "  circuit_breaker: {}",
  "  transport_security: {mode: TLS}",
  "};",
];

/** `buf lint` in a fresh module: a service that says nothing is rejected, and accepted once it says what it wants. */
export const lint: Scene = {
  name: "lint",
  title: "A service that does not say how to call it does not pass buf lint",
  async play(screen) {
    const folder = mkdtempSync(join(tmpdir(), "talaria-demo-"));
    using _ = cleanUp(() => rmSync(folder, { recursive: true, force: true }));
    writeModule(folder);

    writeFileSync(join(folder, menuFile), menu([]));
    const silent = await bufLint(folder, screen);
    screen.print(...annotation.map((line) => screen.tint("good", `  + ${line}`)));
    writeFileSync(join(folder, menuFile), menu(annotation));
    const annotated = await bufLint(folder, screen);

    const finding = findingIn(silent.output);
    return [
      expectEqual("not annotated: found at", finding?.place ?? "nowhere", "menu.proto:5:1"),
      expectEqual("not annotated: rule", finding?.rule ?? "none", "CLIENT_CONFIG_REQUIRED"),
      expectEqual("annotated: buf lint says", annotated.output.trim() || "nothing", "nothing"),
      expectEqual("exit codes", `${silent.exitCode}, then ${annotated.exitCode}`, "100, then 0"),
    ];
  },
};

/** A service as somebody would write it who never thought of its callers, unless there are options. */
function menu(options: readonly string[]): string {
  return `syntax = "proto3";

package shop.menu.v1;
${options.length > 0 ? '\nimport "service_client_config.proto";\n' : ""}
service MenuService {
${options.map((option) => `  ${option}\n`).join("")}  rpc GetMenu(GetMenuRequest) returns (GetMenuResponse);
}

message GetMenuRequest {}

message GetMenuResponse {
  repeated string dishes = 1;
}
`;
}

/** What a team has in its repository: the option file, and a `buf.yaml` that names the plugin. */
function writeModule(folder: string): void {
  mkdirSync(join(folder, dirname(menuFile)), { recursive: true });
  copyFileSync(join(root, "proto/service_client_config.proto"), join(folder, "proto/service_client_config.proto"));
  writeFileSync(
    join(folder, "buf.yaml"),
    "version: v2\nmodules:\n  - path: proto\nplugins:\n  - plugin: buf-plugin-talaria\n",
  );
  // What `npm install buf-plugin-talaria` puts into node_modules/.bin; this one runs from source.
  const plugin = `exec '${process.execPath}' --conditions=talaria-source '${join(root, "lint/src/main.ts")}' "$@"`;
  writeFileSync(join(folder, "buf-plugin-talaria"), `#!/bin/sh\n${plugin}\n`, { mode: 0o755 });
}

interface LintRun {
  readonly exitCode: number;
  readonly output: string;
}

async function bufLint(folder: string, screen: Screen): Promise<LintRun> {
  screen.print("  $ buf lint");
  const buf = spawn(join(root, "node_modules/.bin/buf"), ["lint"], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: [folder, process.env.PATH].join(delimiter),
      // buf starts the plugin nine times: it need not be compiled nine times.
      NODE_COMPILE_CACHE: join(folder, ".cache"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [[exitCode], stdout, stderr] = await Promise.all([once(buf, "close"), text(buf.stdout), text(buf.stderr)]);
  const output = stdout + stderr;
  for (const line of output.split("\n").filter((each) => each !== "")) {
    screen.print(`  ${screen.tint("bad", line)}`);
  }
  screen.print(screen.tint("quiet", `  exit code ${exitCode}`));
  return { exitCode, output };
}

/** Where in a file buf found something first, and the rule. */
function findingIn(output: string): { readonly place?: string; readonly rule?: string } | undefined {
  return /^\S*\/(?<place>\w+\.proto:\d+:\d+):.*\((?<rule>[A-Z_]+)\)/m.exec(output)?.groups;
}
