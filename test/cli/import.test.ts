// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { chmodSync, readdirSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, runCommand } from "../support/run-command.ts";
import { createWorkspace, mainFile, pathWithBuf, spawnTalaria, talariaIn, type Workspace } from "./run-cli.ts";

const proto = `syntax = "proto3";

package shop.v1;

import "google/protobuf/empty.proto";

// Orders.
service Orders {
  // Reads one.
  rpc Get(google.protobuf.Empty) returns (google.protobuf.Empty) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc List(google.protobuf.Empty) returns (google.protobuf.Empty) {}
  rpc Place(google.protobuf.Empty) returns (google.protobuf.Empty);
}
`;
const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: "0.050s",
  maxBackoff: "0.400s",
  backoffMultiplier: 1.5,
  retryableStatusCodes: ["UNAVAILABLE"],
};
const config = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    { name: [{ service: "shop.v1.Orders" }], timeout: "1s", retryPolicy },
    { name: [{ service: "shop.v1.Orders", method: "Place" }], timeout: "3s" },
  ],
};
const annotated = `syntax = "proto3";

package shop.v1;

import "google/protobuf/empty.proto";
import "service_client_config.proto";

// Orders.
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 1000
    retry: {
      max_attempts: 1
      initial_backoff_millis: 50
      max_backoff_millis: 400
      backoff_multiplier: 1.5
      retryable_status_codes: [UNAVAILABLE]
    }
    load_balancing: {policy: ROUND_ROBIN}
  };

  // Reads one.
  rpc Get(google.protobuf.Empty) returns (google.protobuf.Empty) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config).retry.max_attempts = 4;
  }
  rpc List(google.protobuf.Empty) returns (google.protobuf.Empty) {
    option (service_client.method_config).retry.max_attempts = 4;
  }
  rpc Place(google.protobuf.Empty) returns (google.protobuf.Empty) {
    option (service_client.method_config).response_timeout_millis = 3000;
  }
}
`;

function shop(change: { readonly proto?: string; readonly config?: object } = {}): Workspace {
  const json = JSON.stringify(change.config ?? config, null, 2);
  return createWorkspace({ "shop/v1/orders.proto": change.proto ?? proto, "orders.json": json });
}

const importing = ["import", "--proto", ".", "orders.json"] as const;

describe("talaria import", () => {
  test("writes what buf format would, on the service what its methods share", async () => {
    using workspace = shop();
    expect(await workspace.talaria(...importing)).toEqual({
      code: 0,
      stdout: "3 methods of 1 service: 1 file changed; 0 errors, 0 warnings\n",
      stderr: "",
    });
    expect(workspace.read("shop/v1/orders.proto")).toBe(annotated);
    const { code, stdout } = await runCommand([join(root, "node_modules/.bin/buf"), "format", "-d", "shop"], {
      folder: workspace.folder,
    });
    expect([code, stdout]).toEqual([0, ""]);
  });

  test("changes nothing the second time, and --check agrees", async () => {
    using workspace = shop();
    expect(await workspace.talaria(...importing, "--check")).toMatchObject({ code: 1 });
    expect(workspace.read("shop/v1/orders.proto")).toBe(proto);
    await workspace.talaria(...importing);
    const { code, stdout } = await workspace.talaria(...importing, "--check");
    expect([code, stdout]).toEqual([0, "3 methods of 1 service: 0 files not up to date; 0 errors, 0 warnings\n"]);
  });

  test("--dry-run prints a diff that patch understands, and writes nothing", async () => {
    using workspace = shop();
    const { code, stdout, stderr } = await workspace.talaria(...importing, "--dry-run");
    const proven = "The annotated .proto files compile, and come out as planned.\n";
    expect([code, stderr]).toEqual([0, `3 methods of 1 service: 1 file to change; 0 errors, 0 warnings\n${proven}`]);
    expect(workspace.read("shop/v1/orders.proto")).toBe(proto);
    expect(stdout).toContain("--- shop/v1/orders.proto\n+++ shop/v1/orders.proto\n@@ -3,13 +3,31 @@\n");
    expect(stdout).toContain('\n+import "service_client_config.proto";\n');
    const json = JSON.parse((await workspace.talaria(...importing, "--dry-run", "--format", "json")).stdout);
    expect(json).toMatchObject({ written: false, files: [{ path: "shop/v1/orders.proto", diff: stdout.trimEnd() }] });
  });

  test("finds files in a workspace of several modules", async () => {
    using workspace = createWorkspace({
      "mods/a/shop/v1/orders.proto": proto,
      "orders.json": JSON.stringify(config),
      "buf.yaml": "version: v2\nmodules:\n  - path: mods/a\n  - path: options\n",
    });
    workspace.write("options/service_client_config.proto", workspace.read("service_client_config.proto"));
    const dry = await workspace.talaria(...importing, "--dry-run");
    expect([dry.code, dry.stderr]).toEqual([0, expect.stringContaining("compile, and come out as planned.\n")]);
    // From within a module, where only the workspace above knows of the other one.
    const fromModule = ["import", "--proto", ".", "../../orders.json", "--dry-run"];
    expect(await talariaIn(join(workspace.folder, "mods/a"), fromModule)).toMatchObject({ code: 0 });
    expect(await workspace.talaria(...importing)).toMatchObject({ code: 0 });
    expect(workspace.read("mods/a/shop/v1/orders.proto")).toBe(annotated);
  });

  test("--dry-run finds a module behind a link", async () => {
    using workspace = shop();
    const link = `${workspace.folder}-link`;
    symlinkSync(workspace.folder, link);
    using _ = { [Symbol.dispose]: () => unlinkSync(link) };
    const { code, stderr } = await workspace.talaria("import", "--dry-run", "--proto", link, "orders.json");
    expect([code, stderr]).toEqual([0, expect.stringContaining("compile, and come out as planned.\n")]);
  });

  test("annotates what was added since, in the light of what is there", async () => {
    using workspace = shop();
    await workspace.talaria(...importing);
    const added = "  rpc Count(google.protobuf.Empty) returns (google.protobuf.Empty);\n}\n";
    workspace.write("shop/v1/orders.proto", annotated.replace(/\}\n$/, added));
    expect(await workspace.talaria(...importing)).toMatchObject({ code: 0 });
    expect(workspace.read("shop/v1/orders.proto")).toBe(
      annotated.replace(
        /\}\n$/,
        added.replace(";\n", " {\n    option (service_client.method_config).retry.max_attempts = 4;\n  }\n"),
      ),
    );
  });

  test("leaves annotations that disagree as they are, and says what they would have to say", async () => {
    using workspace = shop({ proto: annotated.replace("= 3000", "= 9000") });
    const { code, stdout } = await workspace.talaria(...importing);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "orders.json: error already-annotated: The annotation at shop/v1/orders.proto:30:3 says something else: the config has response_timeout_millis 3000.",
    );
    expect(workspace.read("shop/v1/orders.proto")).toContain("= 9000");
  });

  test("names the annotations from the root where a nearer package hides them", async () => {
    using workspace = createWorkspace({
      "shop/v1/orders.proto": proto,
      "shop/service_client/x.proto": 'syntax = "proto3";\npackage shop.service_client;\nmessage M {}\n',
      "orders.json": JSON.stringify(config),
    });
    expect(await workspace.talaria(...importing)).toMatchObject({ code: 0 });
    expect(workspace.read("shop/v1/orders.proto")).toContain("option (.service_client.client_config) = {");
  });

  test("lists drift with line and column, what it means and what was done", async () => {
    using workspace = shop({
      config: {
        methodConfig: [
          { name: [{ service: "shop.v1.Orders", method: "Gett" }], timeout: "1s" },
          { name: [{ service: "shop.v1.Orders", method: "Get" }], timeout: "0.8s", maxRequestMessageBytes: 10 },
          {
            name: [{ service: "shop.v1.Orders", method: "List" }],
            retryPolicy: { ...retryPolicy, maxAttempts: undefined },
          },
        ],
      },
    });
    const { code, stdout } = await workspace.talaria(...importing, "--format", "json", "--attempts-when-missing", "3");
    expect(code).toBe(1);
    const { findings } = JSON.parse(stdout);
    expect(findings).toMatchObject([
      { code: "load-balancing-absent", severity: "warning", file: "orders.json", methods: [] },
      {
        code: "unknown-method",
        severity: "error",
        line: 5,
        message: "shop.v1.Orders has no method Gett. Did you mean Get?",
      },
      { code: "timeout-fraction", severity: "warning", line: 19, column: 7, methods: ["shop.v1.Orders/Get"] },
      { code: "message-size", severity: "error", path: "methodConfig[1].maxRequestMessageBytes" },
      { code: "max-attempts-missing", severity: "error", methods: ["shop.v1.Orders/List"] },
    ]);
    expect(workspace.read("shop/v1/orders.proto")).toMatch(
      /rpc List.*\n {4}option .*= \{\n {6}retry: \{\n {8}max_attempts: 3/,
    );
    expect(workspace.read("shop/v1/orders.proto")).toContain("method_config).response_timeout_millis = 800;");
  });

  test("imports a default entry for everything when it is alone, else for the services that its config names", async () => {
    const alone = { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [{ name: [{}], timeout: "5s" }] };
    using workspace = shop({ config: alone });
    expect(await workspace.talaria(...importing)).toMatchObject({ code: 0 });
    expect(workspace.read("shop/v1/orders.proto")).toContain("    response_timeout_millis: 5000\n");

    using several = shop();
    several.write(
      "other/other.proto",
      'syntax = "proto3";\npackage other;\nmessage M {}\nservice Other { rpc X(M) returns (M); }\n',
    );
    several.write("orders.json", JSON.stringify({ methodConfig: [...config.methodConfig, ...alone.methodConfig] }));
    several.write("empty.json", "{}");
    const { stdout } = await several.talaria(...importing, "empty.json");
    expect(stdout).toMatch(/orders\.json:1:\d+: warning default-entry: .* no config names other\.Other\./);
    expect(several.read("other/other.proto")).not.toContain("service_client");
  });

  test("takes two configs of one service for a conflict", async () => {
    using workspace = shop();
    workspace.write("again.json", JSON.stringify(config));
    const { code, stdout } = await workspace.talaria(...importing, "again.json");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "again.json:1:70: error service-in-another-config: shop.v1.Orders is in orders.json as well.",
    );
  });
});

describe("talaria import, when something goes wrong", () => {
  test("puts everything back when the result does not compile, and says what the module lacks", async () => {
    using workspace = shop();
    rmSync(join(workspace.folder, "service_client_config.proto"));
    const { code, stdout, stderr } = await workspace.talaria(...importing);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("nothing was changed. The module must find service_client_config.proto at its root");
    expect(workspace.read("shop/v1/orders.proto")).toBe(proto);
    expect(readdirSync(join(workspace.folder, "shop/v1"))).toEqual(["orders.proto"]);
  });

  test("--dry-run shows the diff, says that the result would not compile, and leaves nothing behind", async () => {
    using workspace = shop();
    rmSync(join(workspace.folder, "service_client_config.proto"));
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("talaria-import-"));
    const { code, stdout, stderr } = await workspace.talaria(...importing, "--dry-run");
    expect([code, stdout]).toEqual([2, expect.stringContaining('+import "service_client_config.proto";')]);
    expect(stderr).toContain(
      "do not compile, so nothing was changed. The module must find service_client_config.proto",
    );
    expect(workspace.read("shop/v1/orders.proto")).toBe(proto);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("talaria-import-"))).toEqual(before);
  });

  test.each([
    [["import", "orders.json"], "talaria import needs --proto DIR"],
    [["import", "--proto", "."], "talaria import needs the configs to import"],
    [["import", "--proto", ".", "gone.json"], "gone.json cannot be read"],
    [["import", "--proto", ".", "shop/v1/orders.proto"], "shop/v1/orders.proto is no JSON"],
    [["import", "--proto", ".", "orders.json", "--dry-run", "--check"], "either --dry-run or --check"],
    [["import", "--proto"], "--proto needs a value: talaria import --proto DIR"],
    [["import", "--attempts-when-missing", "7"], "can be 2, 3, 4, 5"],
    [["import", "--dryrun"], "talaria import has no option --dryrun. Did you mean --dry-run?"],
    [["import", "--check=yes"], "--check takes no value"],
    [["improt"], "talaria has no command improt. Did you mean import?"],
  ])("exits with 2 on %j", async (args, message) => {
    using workspace = shop();
    const { code, stdout, stderr } = await workspace.talaria(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^talaria(?::| import | has ).*\n$/);
  });

  test("puts everything back when it is interrupted while the result compiles", async () => {
    using workspace = shop();
    // The first compile and the list of files are buf's own; the second compile waits to be interrupted.
    workspace.write(
      "bin/buf",
      `#!/bin/sh\nif [ "$1" = build ] && grep -q service_client shop/v1/orders.proto; then exec sleep 600; fi\nexec "${join(root, "node_modules/.bin/buf")}" "$@"\n`,
    );
    chmodSync(join(workspace.folder, "bin/buf"), 0o755);
    const env = { ...process.env, PATH: `${join(workspace.folder, "bin")}:${pathWithBuf()}` };
    const args = ["--conditions=talaria-source", mainFile, ...importing];
    const child = spawn(process.execPath, args, { cwd: workspace.folder, env, stdio: ["ignore", "ignore", "pipe"] });
    const messages: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => messages.push(chunk));
    await expect.poll(() => workspace.read("shop/v1/orders.proto"), { timeout: 30_000 }).toBe(annotated);
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    expect(Buffer.concat(messages).toString()).toBe("talaria: interrupted\n");
    expect(workspace.read("shop/v1/orders.proto")).toBe(proto);
    expect(readdirSync(join(workspace.folder, "shop/v1"))).toEqual(["orders.proto"]);
  });
});

describe("talaria", () => {
  test("explains itself and its commands", async () => {
    const help = await talariaIn(root, ["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const name of ["explain", "import", "verify", "audit", "doctor", "dashboard", "alerts"]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S.*\\.$`, "m"));
      const own = await talariaIn(root, [name, "--help"]);
      expect(own).toMatchObject({ code: 0, stderr: "" });
      expect(own.stdout).toContain(`Usage: talaria ${name} `);
      expect(own.stdout).toContain("Exit codes: 0");
      expect(own).toEqual(await talariaIn(root, ["help", name]));
      expect(Math.max(...own.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    }
  });

  test("says its version, and how it is used when it is not told what to do", async () => {
    expect(await spawnTalaria(root, ["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    expect(await talariaIn(root, [])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage: talaria COMMAND"),
    });
  });
});
