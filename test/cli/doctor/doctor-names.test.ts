// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from "vitest";
import { DnsServer } from "../../support/dns-server.ts";
import { startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, shopName } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();
const serving = { "": "SERVING", [shopName]: "SERVING" } as const;

describe("talaria doctor, of names", () => {
  test("shows DNS server, aliases, time to live and each address, of which one refuses", async () => {
    await using dns = await DnsServer.start();
    await using server = await startDoctorServer(shop, { health: serving });
    dns.set("shop.test", [{ name: "shop.test", type: "CNAME", ttl: 300, data: "lb.test" }]);
    dns.setAddresses("lb.test", ["127.0.0.1", "127.0.0.2"], 120);
    const target = `dns://${dns.address}/shop.test:${server.port}`;
    const result = await clinic.doctor([...clinic.image(shop), target]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toBe(`✓ 2 addresses: 127.0.0.1:${server.port}, 127.0.0.2:${server.port}`);
    expect(result.stdout).toContain(
      `shop.test -> lb.test from DNS server ${dns.address}, TTL 2 min (a client asks again after 30 s, by name_resolution)\n`,
    );
    expect(lineOf(result, "health", `127.0.0.1:${server.port}`)).toMatch(/^✓ shop\.v1\.Orders SERVING/);
    expect(lineOf(result, "tcp", `127.0.0.2:${server.port}`)).toBe(
      "✗ connection refused: nothing listens on this port (ECONNREFUSED)",
    );
    expect(result.stdout).toMatch(/\n1 problem, in /);
    expect(dns.asked("shop.test")).toBe(1);
  });

  test("asks each of many addresses, in order", async () => {
    await using dns = await DnsServer.start();
    const addresses = Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`);
    dns.setAddresses("many.test", addresses, 5);
    const { code, stdout } = await clinic.doctor(["--format", "json", `dns://${dns.address}/many.test:1`]);
    const { checks } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(checks.slice(1).map(({ address }: { address: string }) => address)).toEqual(
      checks[0].data.addresses.map(String),
    );
    expect(new Set(checks[0].data.addresses)).toEqual(new Set(addresses.map((address) => `${address}:1`)));
  });

  test("shows SRV records", async () => {
    await using dns = await DnsServer.start();
    await using server = await startDoctorServer(shop);
    const name = "_grpc._tcp.shop.test";
    const data = { priority: 1, weight: 5, port: server.port, target: "a.test" };
    dns.set(name, [{ name, type: "SRV", ttl: 10, data }]);
    dns.setAddresses("a.test", ["127.0.0.1"], 10);
    const result = await clinic.doctor(["--plaintext", `srv://${dns.address}/${name}`]);
    expect(lineOf(result, "resolve")).toBe(`✓ 1 address: ${server.address}`);
    expect(result.stdout).toContain(`SRV 1 5 ${server.port} a.test\n`);
  });

  test("says that a name does not exist, and connects nowhere", async () => {
    await using dns = await DnsServer.start();
    const result = await clinic.doctor([`dns://${dns.address}/gone.test:443`]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toBe(
      `✗ cannot find the addresses of gone.test, asked of ${dns.address}: the name does not exist (NXDOMAIN)`,
    );
    expect(result.stdout).not.toContain("tcp");
  });

  test("waits for a mute DNS server no longer than it may", async () => {
    await using dns = await DnsServer.start();
    dns.mode = "silent";
    const result = await clinic.doctor(["--timeout-ms", "200", `dns://${dns.address}/shop.test:443`]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toMatch(/^✗ no answer within \d+ ms$/);
  });
});
