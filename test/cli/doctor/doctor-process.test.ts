// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, describe, expect, test, vi } from "vitest";
import { DnsServer } from "../../support/dns-server.ts";
import { root, runCommand } from "../../support/run-command.ts";
import { mainFile } from "../run-cli.ts";
import { startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

/** A server that reads nothing. */
interface Deaf extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly sockets: readonly Socket[];
}

async function startDeaf(host = "127.0.0.1"): Promise<Deaf> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `${host}:${port}`,
    port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}

/** Another process that connects and sends more than fits. */
async function startSender(port: number): Promise<AsyncDisposable & { readonly pid: number }> {
  const script = `const s = require("node:net").connect(${port}, "127.0.0.1", () => {
    s.write(Buffer.alloc(32 << 20)); process.stdout.write("sent"); }); s.on("error", () => {});`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await once(child, "close");
    },
  };
}

describe.runIf(process.platform === "linux")("talaria doctor --pid", () => {
  test("shows what another process has sent and the server has not acknowledged", async () => {
    await using server = await startDeaf();
    await using sender = await startSender(server.port);
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    const args = ["--plaintext", "--timeout-ms", "300", "--pid", String(sender.pid), server.address];
    const result = await clinic.doctor(args);
    expect(lineOf(result, "process")).toBe(`✓ process ${sender.pid} has 1 connection to 1 of 1 address`);
    const [, bytes] = new RegExp(`${server.address} ESTABLISHED: (\\d+) B unacknowledged, 0 retransmits`).exec(
      result.stdout,
    ) ?? [undefined, "none"];
    expect(Number(bytes)).toBeGreaterThan(10_000);
    const { checks } = JSON.parse((await clinic.doctor(["--format", "json", ...args])).stdout);
    expect(checks.at(-1).data).toMatchObject({
      pid: sender.pid,
      connections: [{ remote: server.address, state: "ESTABLISHED", retransmits: 0 }],
      otherConnections: [],
    });
  });

  test("shows addresses without a connection, and connections that the target does not resolve to", async () => {
    await using server = await startDeaf();
    await using sender = await startSender(server.port);
    const target = `127.0.0.9:${server.port}`;
    const result = await clinic.doctor(["--plaintext", "--timeout-ms", "300", "--pid", String(sender.pid), target]);
    expect(lineOf(result, "process")).toBe(`! process ${sender.pid} has 0 connections to 0 of 1 address`);
    expect(result.stdout).toContain(`${server.address} ESTABLISHED, which the target does not resolve to: `);
    expect(result.stdout).toContain(`${target}: no connection\n`);
  });

  test("says that there is no such process", async () => {
    const result = await clinic.doctor(["--plaintext", "--pid", "2147483646", "127.0.0.1:1"]);
    expect([result.code, lineOf(result, "process")]).toEqual([1, "✗ there is no process 2147483646"]);
  });
});

describe("talaria doctor, as a process of its own", () => {
  test("leaves nothing behind when it is interrupted", async () => {
    await using server = await startDeaf();
    const args = ["--conditions=talaria-source", mainFile, "doctor", "--plaintext", server.address];
    const child = spawn(process.execPath, args, { cwd: clinic.folder, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.resume();
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1), { timeout: 20_000 });
    const interruptedMs = performance.now();
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect([code, stderr]).toEqual([130, "talaria: interrupted\n"]);
    // Not the 5 s of the connect timeout.
    expect(performance.now() - interruptedMs).toBeLessThan(4000);
  });

  test("does not wait for a DNS server that is mute when it is interrupted", async () => {
    await using dns = await DnsServer.start();
    dns.mode = "silent";
    const args = ["--conditions=talaria-source", mainFile, "doctor", `dns://${dns.address}/shop.test:443`];
    const child = spawn(process.execPath, args, { cwd: clinic.folder, stdio: ["ignore", "ignore", "ignore"] });
    await vi.waitFor(() => expect(dns.asked("shop.test")).toBeGreaterThan(0), { timeout: 20_000 });
    const interruptedMs = performance.now();
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    // Not the 5 s of a lookup.
    expect(performance.now() - interruptedMs).toBeLessThan(4000);
  });

  test("ends by itself, with the exit code of what it found", async () => {
    await using server = await startDoctorServer(compileShop());
    const command = [process.execPath, "--conditions=talaria-source", mainFile, "doctor", "--plaintext"];
    const good = await runCommand([...command, server.address], { folder: clinic.folder });
    expect(good).toMatchObject({ code: 0, stderr: "" });
    const bad = await runCommand([...command, "127.0.0.1:1"], { folder: clinic.folder });
    expect(bad).toMatchObject({ code: 1, stderr: "", stdout: expect.stringContaining("✗ tcp") });
  });

  test("loads a gRPC library for the doctor alone", async () => {
    const script = `import { createRequire } from "node:module";
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("grpc-js"));
      const { runTalaria } = await import("@talaria/cli");
      const run = (...args) => runTalaria(args, { folder: ".", env: {}, writeOutput() {}, writeMessage() {},
        outputIsTerminal: false, messagesAreTerminal: false, signal: new AbortController().signal });
      await run("doctor", "--help");
      const before = loaded();
      await run("doctor", "--plaintext", "127.0.0.1:1");
      process.stdout.write(JSON.stringify([before, loaded()]));`;
    const args = ["--conditions=talaria-source", "--input-type=module", "-e", script];
    const { stdout } = await runCommand([process.execPath, ...args], { folder: root });
    expect(JSON.parse(stdout)).toEqual([false, true]);
  });
});
