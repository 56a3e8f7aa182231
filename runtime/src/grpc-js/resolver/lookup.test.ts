// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DnsServer } from "../../../../test/support/dns-server.ts";
import { createLookup } from "./lookup.ts";

let dns: DnsServer;
let folder: string;

beforeAll(async () => {
  dns = await DnsServer.start();
  folder = await mkdtemp(join(tmpdir(), "lookup-"));
});
afterAll(async () => {
  await dns[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  dns.mode = "records";
  dns.modes.clear();
  dns.queries.length = 0;
});

const lookup = createLookup();
const ask = (name: string, before?: Parameters<typeof lookup>[1]) =>
  lookup({ kind: "host", name, server: dns.address }, before);
const services = (name: string, before?: Parameters<typeof lookup>[1]) =>
  lookup({ kind: "srv", name, server: dns.address }, before);
const hosts = (addresses: readonly { host: string; port?: number }[]) => addresses.map(({ host }) => host);

describe("asking a DNS server by its address", () => {
  test("finds both families, and the shortest time to live", async () => {
    dns.set("both.test", [
      { type: "A", name: "both.test", ttl: 30, data: "10.0.0.1" },
      { type: "AAAA", name: "both.test", ttl: 20, data: "fd00::1" },
    ]);
    expect(await ask("both.test")).toEqual({ addresses: [{ host: "10.0.0.1" }, { host: "fd00::1" }], ttlMs: 20_000 });
    expect(dns.asked("both.test")).toBe(1);
    expect(dns.asked("both.test", "AAAA")).toBe(1);
  });

  test("asks each time: no cache below us knows better", async () => {
    dns.setAddresses("again.test", ["10.0.0.1"], 3600);
    await ask("again.test");
    dns.setAddresses("again.test", ["10.0.0.2"], 3600);
    expect(hosts((await ask("again.test")).addresses)).toEqual(["10.0.0.2"]);
  });

  test("follows CNAMEs, and takes their time to live into account", async () => {
    dns.set("alias.test", [{ type: "CNAME", name: "alias.test", ttl: 3, data: "alias2.test" }]);
    dns.set("alias2.test", [{ type: "CNAME", name: "alias2.test", ttl: 60, data: "real.test" }]);
    dns.setAddresses("real.test", ["10.0.0.7"], 100);
    expect(await ask("alias.test")).toEqual({ addresses: [{ host: "10.0.0.7" }], ttlMs: 3000 });
  });

  test("reads an answer of 300 addresses, over TCP", async () => {
    const many = Array.from({ length: 300 }, (_, index) => `10.1.${Math.floor(index / 250)}.${(index % 250) + 1}`);
    dns.setAddresses("many.test", many, 9);
    const { addresses, ttlMs } = await ask("many.test");
    expect(hosts(addresses).sort()).toEqual([...many].sort());
    expect(ttlMs).toBe(9000);
    expect(dns.queries.some(({ over }) => over === "tcp")).toBe(true);
  });

  test.each([
    ["NXDOMAIN", "the name does not exist (NXDOMAIN)"],
    ["empty", "the name has no addresses"],
    ["SERVFAIL", "the DNS server failed (SERVFAIL)"],
    ["REFUSED", "the DNS server refused to answer (REFUSED)"],
  ] as const)("says what went wrong: %s", async (mode, why) => {
    dns.mode = mode;
    await expect(ask("gone.test")).rejects.toThrow(
      `cannot find the addresses of gone.test, asked of ${dns.address}: ${why}`,
    );
  });

  test("gives up within seconds when nothing answers", async () => {
    dns.mode = "silent";
    const startedAtMs = performance.now();
    await expect(ask("mute.test")).rejects.toThrow(/did not answer/);
    expect(performance.now() - startedAtMs).toBeLessThan(6000);
  }, 10_000);

  test("does not wait for a family that is never answered for, and keeps what it had", async () => {
    dns.setAddresses("half.test", ["10.0.0.1"], 30);
    dns.modes.set("AAAA", "silent");
    const startedAtMs = performance.now();
    const before = { addresses: [{ host: "10.0.0.9" }, { host: "fd00::9" }], ttlMs: 1000 };
    expect(hosts((await ask("half.test", before)).addresses)).toEqual(["10.0.0.1", "fd00::9"]);
    expect(performance.now() - startedAtMs).toBeLessThan(2000);
  });
});

describe("SRV records", () => {
  const srv = (name: string, target: string, priority: number, weight: number, port = 50051) =>
    ({ type: "SRV", name, ttl: 30, data: { target, port, priority, weight } }) as const;

  test("give addresses with ports, of the best priority, by weight", async () => {
    const name = "_grpc._tcp.weighted.test";
    dns.set(name, [srv(name, "a.test", 1, 10), srv(name, "b.test", 1, 20, 50052), srv(name, "c.test", 2, 10)]);
    dns.setAddresses("a.test", ["10.0.0.1"], 30);
    dns.setAddresses("b.test", ["10.0.0.2"], 8);
    dns.setAddresses("c.test", ["10.0.0.3"], 30);
    const { addresses, ttlMs } = await services(name);
    expect(addresses.map(({ host, port }) => `${host}:${port}`).sort()).toEqual([
      "10.0.0.1:50051",
      "10.0.0.2:50052",
      "10.0.0.2:50052",
    ]);
    expect(ttlMs).toBe(8000);
  });

  test("fall back to the next priority when no host of the first has addresses", async () => {
    const name = "_grpc._tcp.fallback.test";
    dns.set(name, [srv(name, "nowhere.test", 1, 0), srv(name, "there.test", 2, 0)]);
    dns.setAddresses("there.test", ["10.0.0.3"], 30);
    expect((await services(name)).addresses).toEqual([{ host: "10.0.0.3", port: 50051 }]);
  });

  test("are an error when there are none", async () => {
    await expect(services("_grpc._tcp.none.test")).rejects.toThrow(
      `cannot find the SRV records of _grpc._tcp.none.test, asked of ${dns.address}: the name does not exist (NXDOMAIN)`,
    );
  });
});

describe("asking as the system does", () => {
  async function system(hostsFile: string, resolvConf: string, servers = [dns.address]) {
    const files = { hosts: join(folder, "hosts"), resolvConf: join(folder, "resolv.conf"), servers };
    await writeFile(files.hosts, hostsFile);
    await writeFile(files.resolvConf, resolvConf);
    const find = createLookup(files);
    return (name: string, before?: Parameters<typeof find>[1]) =>
      find({ kind: "host", name, server: undefined }, before);
  }

  test("the hosts file comes first", async () => {
    const find = await system("10.9.9.9 listed.test\n", "");
    dns.setAddresses("listed.test", ["10.0.0.1"], 30);
    expect(await find("listed.test")).toEqual({ addresses: [{ host: "10.9.9.9" }], ttlMs: undefined });
    expect(dns.queries).toEqual([]);
  });

  test("localhost never reaches the DNS", async () => {
    const find = await system("", "");
    expect(hosts((await find("localhost")).addresses)).toContain("127.0.0.1");
    expect(dns.queries).toEqual([]);
  });

  test("a short name is completed by the search list, with the time to live, and then asked for directly", async () => {
    const find = await system("", "search ns.cluster.test cluster.test\noptions ndots:5\n");
    dns.setAddresses("orders.shop.cluster.test", ["10.0.0.5"], 4);
    dns.setAddresses("orders.shop", ["203.0.113.1"], 4);
    const answer = await find("orders.shop");
    expect(answer).toEqual({
      addresses: [{ host: "10.0.0.5" }],
      ttlMs: 4000,
      askedAs: "orders.shop.cluster.test",
    });
    dns.queries.length = 0;
    await find("orders.shop", answer);
    expect(new Set(dns.queries.map(({ name }) => name))).toEqual(new Set(["orders.shop.cluster.test"]));
  });

  test("a failure on the way does not lead to somebody else's name", async () => {
    const find = await system("", "search down.test\noptions ndots:5\n");
    dns.setAddresses("victim.test", ["203.0.113.1"], 4);
    dns.mode = "SERVFAIL";
    await expect(find("victim.test")).rejects.toThrow("the DNS server failed (SERVFAIL)");
    expect(dns.asked("victim.test")).toBe(0);
  });

  test("what the DNS does not know is asked of the system, and is an error when that does not either", async () => {
    const find = await system("", "");
    await expect(find("nobody-knows.invalid")).rejects.toThrow(/^cannot find the addresses of nobody-knows.invalid: /);
    expect(dns.asked("nobody-knows.invalid")).toBe(1);
  });

  test("without a DNS server the system is asked", async () => {
    const find = await system("", "", ["127.0.0.1:1"]);
    await expect(find("nobody-knows.invalid")).rejects.toThrow(/^cannot find the addresses of nobody-knows.invalid: /);
  });
});
