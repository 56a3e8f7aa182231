// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from "vitest";
import { startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, shopName } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();
const serving = { "": "SERVING", [shopName]: "SERVING" } as const;

describe("talaria doctor, of a server that is as its contract says", () => {
  test("shows every step, calls no method of the service, and exits with 0", async () => {
    await using server = await startDoctorServer(shop, {
      health: serving,
      reflection: { version: "v1", shop, oneByOne: true },
    });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout.split("\n")[0]).toBe(`${server.address}  shop.v1.Orders  shop.proto`);
    expect(lineOf(result, "resolve")).toBe(`✓ 1 address: ${server.address}`);
    expect(lineOf(result, "tcp", server.address)).toBe("✓ connected from 127.0.0.1");
    expect(lineOf(result, "tls")).toBe("- no TLS: plaintext");
    expect(lineOf(result, "http2")).toMatch(/^✓ .*window \d+ B, frames of 16384 B$/);
    expect(lineOf(result, "health")).toBe("✓ shop.v1.Orders SERVING, the server as a whole SERVING");
    expect(lineOf(result, "contract")).toBe(
      "✓ shop.v1.Orders is what the .proto says: 2 methods, their messages and options",
    );
    expect(lineOf(result, "keepalive")).toMatch(/^✓ a ping is answered in [0-9.]+ ms$/);
    expect(result.stdout).toContain(
      "the client pings every 5 min while a call is open, and waits 20 s for the answer\n",
    );
    expect(result.stdout).toMatch(/\n\nnothing is wrong, in \d+/);
    expect(new Set(server.calls)).toEqual(
      new Set(["/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]),
    );
  });

  test.runIf(process.platform === "linux")("reads the counters of its own connections", async () => {
    await using server = await startDoctorServer(shop, { host: "::1" });
    const result = await clinic.doctor(["--plaintext", server.address]);
    expect(lineOf(result, "socket", server.address)).toBe("✓ 0 B unacknowledged, 0 retransmits");
  });

  test("writes the same as JSON", async () => {
    await using server = await startDoctorServer(shop, { health: serving, reflection: { version: "v1", shop } });
    const { stdout, code } = await clinic.doctor(["--format", "json", ...clinic.image(shop), server.address]);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({ target: server.address, service: shopName, verdict: "ok" });
    const steps = process.platform === "linux" ? ["keepalive", "socket"] : ["keepalive"];
    expect(report.checks.map(({ step }: { step: string }) => step)).toEqual([
      ...["resolve", "tcp", "tls", "http2", "health", "contract"],
      ...steps,
    ]);
    for (const { address, verdict, message, details, data } of report.checks.slice(1)) {
      expect([address, typeof verdict, typeof message, Array.isArray(details), typeof data]).toEqual([
        ...[server.address, "string", "string", true, "object"],
      ]);
    }
    expect(report.checks[4].data).toEqual({
      statuses: [
        { service: shopName, status: "SERVING" },
        { service: "", status: "SERVING" },
      ],
    });
    expect(report.checks[5].data).toMatchObject({ reflection: "v1", differences: [] });
  });

  test("needs no contract", async () => {
    await using server = await startDoctorServer(shop, { health: serving, reflection: { version: "v1", shop } });
    const result = await clinic.doctor(["--plaintext", `ipv4:${server.address}`]);
    expect(result.code).toBe(0);
    expect(lineOf(result, "contract")).toBe("✓ the server has shop.v1.Orders; pass --service and --proto to compare");
    expect(lineOf(result, "health")).toBe("✓ the server as a whole SERVING");
  });

  test("colours on a terminal only, and lets no server steer it", async () => {
    await using server = await startDoctorServer(shop, {
      reflection: { version: "v1", shop, lists: ["a\u001b[31mb\u0007c"] },
    });
    const args = ["--plaintext", server.address];
    expect((await clinic.doctor(args)).stdout).not.toContain("\u001b");
    const { stdout } = await clinic.doctor(args, { outputIsTerminal: true });
    expect(stdout).toContain("\u001b[32m✓\u001b[39m");
    expect(stdout).toContain("the server has a [31mb c;");
    const details = await clinic.doctor([...clinic.image(shop), server.address], { outputIsTerminal: true });
    expect(details.stdout).toContain("the server has a [31mb c\u001b[22m\n");
  });
});
