// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { type Channel, credentials, connectivityState as State, status as Status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  connectChannel,
  endpointsOf,
  onEndpointsChange,
  openBalancedChannel,
} from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { createLookup } from "../../runtime/src/grpc-js/resolver/lookup.ts";
import { backgroundClock, NamePollers } from "../../runtime/src/grpc-js/resolver/name-pollers.ts";
import { DnsServer } from "../support/dns-server.ts";
import { type Backend, startBackends } from "./support/backend.ts";
import { callOnce, clientOf } from "./support/load.ts";
import { pause, until } from "./support/scenario.ts";
import { contractWith } from "./support/stage.ts";

const name = "orders.shop.test";
const plain = contractWith("");

let dns: DnsServer;
let backends: Backend[];
let port: number;
let channels: Channel[];

beforeEach(async () => {
  dns = await DnsServer.start();
  backends = await startBackends(3);
  port = backends[0]?.port ?? 0;
  channels = [];
});
afterEach(async () => {
  for (const channel of channels) {
    channel.close();
  }
  await Promise.all(backends.map((backend) => backend[Symbol.asyncDispose]()));
  await dns[Symbol.asyncDispose]();
});

function open(target: string, contract = plain, options = {}, tools = {}): Channel {
  const channel = openBalancedChannel(target, contract, credentials.createInsecure(), options, tools);
  channels.push(channel);
  return channel;
}

function dnsTarget(): string {
  return `dns://${dns.address}/${name}:${port}`;
}

function list(count: number, ttlSeconds = 1): void {
  dns.setAddresses(
    name,
    backends.slice(0, count).map(({ host }) => host),
    ttlSeconds,
  );
}

async function callMany(channel: Channel, calls: number): Promise<(string | undefined)[]> {
  const client = clientOf(channel);
  const errors: (string | undefined)[] = [];
  for (let index = 0; index < calls; index += 1) {
    errors.push((await callOnce(client))?.details);
  }
  return errors;
}

const allGood = (calls: number) => Array.from({ length: calls }, () => undefined);
const callsOf = () => backends.map(({ calls }) => calls);

describe("targets", () => {
  test("a bare address and port", async () => {
    expect(await callMany(open(`127.0.1.1:${port}`), 2)).toEqual(allGood(2));
    expect(callsOf()).toEqual([2, 0, 0]);
  });

  test("localhost needs no DNS", async () => {
    const [backend] = await startBackendsOn("127.0.0.1");
    const channel = open(`dns:///localhost:${backend?.port}`);
    expect(await callMany(channel, 2)).toEqual(allGood(2));
    expect(endpointsOf(channel).map(({ address }) => address)).toContain(backend?.address);
  });

  test("a static list mixes names and addresses", async () => {
    list(2, 30);
    const channel = open(`static://${dns.address}/${name}:${port},127.0.1.3:${port},127.0.1.3:${port}`);
    await connectChannel(channel, 30_000);
    expect(await callMany(channel, 6)).toEqual(allGood(6));
    expect(callsOf()).toEqual([2, 2, 2]);
  });

  test("lists that grpc-js resolves itself are balanced and observed as well", async () => {
    const channel = open(`ipv4:127.0.1.1:${port},127.0.1.2:${port}`);
    await connectChannel(channel, 30_000);
    expect(await callMany(channel, 4)).toEqual(allGood(4));
    expect(callsOf()).toEqual([2, 2, 0]);
    expect(endpointsOf(channel)).toHaveLength(2);
  });

  test("SRV records give ports, priorities and weights", async () => {
    const service = `_grpc._tcp.${name}`;
    const srv = (target: string, priority: number, weight: number) =>
      ({ type: "SRV", name: service, ttl: 30, data: { target, port, priority, weight } }) as const;
    dns.set(service, [srv("a.test", 1, 1), srv("b.test", 1, 3), srv("c.test", 2, 1)]);
    dns.setAddresses("a.test", ["127.0.1.1"], 30);
    dns.setAddresses("b.test", ["127.0.1.2"], 30);
    dns.setAddresses("c.test", ["127.0.1.3"], 30);
    const channel = open(`srv://${dns.address}/${service}`);
    await connectChannel(channel, 30_000);
    expect(await callMany(channel, 16)).toEqual(allGood(16));
    expect(callsOf()).toEqual([4, 12, 0]);
    expect(backends.map(({ connectionsOpened }) => connectionsOpened)).toEqual([1, 1, 0]);
  });

  test("the server is called by the name in the target", async () => {
    list(1);
    await callMany(open(dnsTarget()), 1);
    expect(backends[0]?.authority).toBe(`${name}:${port}`);
  });

  test("a malformed target is refused when it is opened", () => {
    expect(() => open("dns://ns.example.com/orders:1")).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });
});

describe("names that cannot be resolved", () => {
  test("fail calls at once, say why, and recover without a new channel", async () => {
    const channel = open(dnsTarget(), contractWith("name_resolution { failure_backoff_initial_millis: 100 }"));
    const error = await callOnce(clientOf(channel));
    expect(error?.code).toBe(Status.UNAVAILABLE);
    expect(error?.details).toBe(
      `cannot find the addresses of ${name}, asked of ${dns.address}: the name does not exist (NXDOMAIN)`,
    );
    list(1);
    await until("a call succeeds", () => endpointsOf(channel).length > 0);
    await connectChannel(channel, 30_000);
    expect(await callMany(channel, 1)).toEqual(allGood(1));
  });

  test("are asked for by backoff, not by calls", async () => {
    const channel = open(dnsTarget());
    const errors = await callMany(channel, 50);
    expect(errors).not.toContain(undefined);
    expect(dns.asked(name)).toBe(1);
  });
});

test("weighted_round_robin spreads evenly over servers that report no load", async () => {
  list(3, 30);
  const channel = open(dnsTarget(), contractWith("load_balancing { policy: WEIGHTED_ROUND_ROBIN }"));
  await connectChannel(channel, 30_000);
  expect(await callMany(channel, 9)).toEqual(allGood(9));
  expect(callsOf()).toEqual([3, 3, 3]);
  expect(endpointsOf(channel).map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
});

test("clients that start together do not go round in step", async () => {
  list(3, 30);
  const together = Array.from({ length: 60 }, () => open(dnsTarget(), plain, { "grpc.use_local_subchannel_pool": 1 }));
  await Promise.all(together.map((channel) => connectChannel(channel, 30_000)));
  await Promise.all(together.map((channel) => callOnce(clientOf(channel))));
  // 20 each, with a standard deviation of 3.7.
  expect(Math.max(...callsOf())).toBeLessThan(45);
  expect(Math.min(...callsOf())).toBeGreaterThan(0);
});

describe("an idle channel", () => {
  const idle = { "grpc.client_idle_timeout_ms": 1000 };

  test("stops asking, and finds its servers again", async () => {
    list(2);
    const channel = open(dnsTarget(), plain, idle);
    await callMany(channel, 1);
    await until("the channel is idle", () => channel.getConnectivityState(false) === State.IDLE);
    expect(endpointsOf(channel)).toEqual([]);
    await pause(1200);
    const asked = dns.asked(name);
    await pause(1500);
    expect(dns.asked(name)).toBe(asked);
    expect(await callMany(channel, 4)).toEqual(allGood(4));
    expect(endpointsOf(channel)).toHaveLength(2);
  });

  test("goes on with what it knew, when it wakes up without DNS", async () => {
    list(2);
    const channel = open(dnsTarget(), plain, idle);
    await callMany(channel, 1);
    await until("the channel is idle", () => channel.getConnectivityState(false) === State.IDLE);
    await pause(1200);
    dns.mode = "SERVFAIL";
    expect(await callMany(channel, 4)).toEqual(allGood(4));
    expect(endpointsOf(channel)).toHaveLength(2);
  });
});

describe("connectChannel()", () => {
  test("connects every server before the first call", async () => {
    list(3, 30);
    const channel = open(dnsTarget());
    await connectChannel(channel, 30_000);
    expect(backends.map(({ connections, calls }) => [connections, calls])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(endpointsOf(channel).map(({ state }) => state)).toEqual(["READY", "READY", "READY"]);
  });

  test("does not wait for one that refuses connections", async () => {
    dns.setAddresses(name, ["127.0.1.1", "127.0.1.99"], 30);
    const channel = open(dnsTarget());
    await connectChannel(channel, 30_000);
    const down = endpointsOf(channel).find(({ address }) => address === `127.0.1.99:${port}`);
    expect(down?.state).not.toBe("READY");
    expect(down?.lastError).toBe(`connect ECONNREFUSED 127.0.1.99:${port}`);
  });

  test("says what is wrong with each, when none can be connected", async () => {
    dns.setAddresses(name, ["127.0.1.98", "127.0.1.99"], 30);
    const failure = connectChannel(open(dnsTarget()), 300);
    await expect(failure).rejects.toMatchObject({ code: Code.Unavailable });
    const refused = (host: string) => `${host}:${port} failed to connect: connect ECONNREFUSED ${host}:${port}`;
    await expect(failure).rejects.toThrow(
      `not connected after 300 ms: ${refused("127.0.1.98")}; ${refused("127.0.1.99")}`,
    );
  });

  test("says so when the name is not known", async () => {
    await expect(connectChannel(open(dnsTarget()), 300)).rejects.toThrow("the name does not exist (NXDOMAIN)");
  });

  test("can be given up", async () => {
    const controller = new AbortController();
    const pending = connectChannel(open(dnsTarget()), 60_000, controller.signal);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: Code.Canceled });
    await expect(connectChannel(open(dnsTarget()), 60_000, AbortSignal.abort())).rejects.toMatchObject({
      code: Code.Canceled,
    });
  });

  test("is content with the one server of pick_first", async () => {
    list(3, 30);
    const channel = open(dnsTarget(), contractWith("load_balancing { policy: PICK_FIRST }"));
    await connectChannel(channel, 30_000);
    await callMany(channel, 5);
    expect(callsOf()).toEqual([5, 0, 0]);
  });
});

describe("endpointsOf()", () => {
  test("counts what is in flight, and keeps a server that left until its calls have ended", async () => {
    list(3, 30);
    const pollers = new NamePollers({ lookup: createLookup(), clock: backgroundClock, random: () => 0.5 });
    const channel = open(dnsTarget(), contractWith("name_resolution { max_ttl_millis: 1000 }"), {}, { pollers });
    await connectChannel(channel, 30_000);
    let changes = 0;
    const stop = onEndpointsChange(channel, () => {
      changes += 1;
    });
    const calls = Array.from({ length: 6 }, () => callOnce(clientOf(channel), 30_000, { hold: "please" }));
    await until("all calls are sent", () => callsOf().every((count) => count === 2));
    expect(endpointsOf(channel).map(({ inFlight }) => inFlight)).toEqual([2, 2, 2]);
    list(1, 30);
    await until("two servers are gone", () => endpointsOf(channel).filter(({ listed }) => listed).length === 1);
    expect(endpointsOf(channel).map(({ listed, inFlight }) => [listed, inFlight])).toEqual([
      [true, 2],
      [false, 2],
      [false, 2],
    ]);
    expect(changes).toBeGreaterThan(0);
    stop();
    for (const backend of backends) {
      backend.release();
    }
    expect(await Promise.all(calls)).toEqual(allGood(6));
    expect(endpointsOf(channel)).toEqual([
      { address: `127.0.1.1:${port}`, state: "READY", ejected: false, listed: true, inFlight: 0 },
    ]);
  });

  test("knows nothing of a channel that is not ours", () => {
    expect(endpointsOf({} as Channel)).toEqual([]);
  });
});

describe("health", () => {
  const watched = contractWith("health_check {}");

  test("calls wait for the first word of a server, and are not failed by it", async () => {
    for (const backend of backends) {
      backend.health = "SERVING";
    }
    list(3, 30);
    const channel = open(dnsTarget(), watched);
    const client = clientOf(channel);
    const errors = await Promise.all(Array.from({ length: 30 }, () => callOnce(client)));
    expect(errors).toEqual(allGood(30));
  });

  test("calls fail and say so, when no server is serving", async () => {
    for (const backend of backends) {
      backend.health = "NOT_SERVING";
    }
    list(2, 30);
    const error = await callOnce(clientOf(open(dnsTarget(), watched)));
    expect(error?.code).toBe(Status.UNAVAILABLE);
    expect(error?.details).toBe(
      `No connection established: 127.0.1.1:${port} says NOT_SERVING; 127.0.1.2:${port} says NOT_SERVING`,
    );
    expect(callsOf()).toEqual([0, 0, 0]);
  });

  test("channels that share a connection share its watch, which ends with the last", async () => {
    for (const backend of backends) {
      backend.health = "SERVING";
    }
    list(3);
    const sharing = Array.from({ length: 5 }, () => open(dnsTarget(), watched));
    await Promise.all(sharing.map((channel) => connectChannel(channel, 30_000)));
    expect(backends.map(({ connections, watches }) => [connections, watches])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    // A changed list makes every channel take up its connections anew. The watches go on.
    const opened = backends.map(({ watchesOpened }) => watchesOpened);
    list(2);
    await until("all know", () => sharing.every((channel) => endpointsOf(channel).length === 2));
    await until("the third is not watched", () => backends[2]?.watches === 0);
    expect(backends.map(({ watchesOpened }) => watchesOpened)).toEqual(opened);
    for (const channel of sharing) {
      channel.close();
    }
    await until("nobody watches", () => backends.every(({ watches }) => watches === 0));
  });

  test("a changed list does not interrupt a watch, and a leaving server is not held by it", async () => {
    for (const backend of backends) {
      backend.health = "SERVING";
    }
    list(2);
    const channel = open(dnsTarget(), watched);
    await connectChannel(channel, 30_000);
    list(3);
    await until("the third is watched", () => backends[2]?.watches === 1);
    expect(backends.map(({ watchesOpened }) => watchesOpened)).toEqual([1, 1, 1]);
    backends[0]?.sendGoAway();
    await until("its connection is closed", () => backends[0]?.connectionsClosed === 1);
    await until("the next is watched", () => backends[0]?.watchesOpened === 2);
  });

  test("a watch is started again on a new connection", async () => {
    for (const backend of backends) {
      backend.health = "SERVING";
    }
    list(1, 30);
    const channel = open(dnsTarget(), watched, { "grpc.initial_reconnect_backoff_ms": 100 });
    await connectChannel(channel, 30_000);
    backends[0]?.dropConnections();
    await until("the new connection is watched", () => backends[0]?.watchesOpened === 2 && backends[0].watches === 1);
    expect(await callMany(channel, 2)).toEqual(allGood(2));
  });
});

async function startBackendsOn(host: string): Promise<Backend[]> {
  const started = await startBackends(1, host);
  backends.push(...started);
  return started;
}
