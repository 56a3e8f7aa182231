// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import { DiscoveryResolver, resolverTarget } from "./discovery-resolver.ts";
import { NamePollers } from "./name-pollers.ts";

const nameResolution = {
  minTtlMs: 1000,
  maxTtlMs: 30_000,
  failureBackoffInitialMs: 1000,
  failureBackoffMaxMs: 1000,
};

/** A resolver whose answers the test gives by name: addresses that hold for 1 s, or an error. */
function setUp(target: string) {
  const clock = new VirtualClock();
  const answers = new Map<string, readonly string[] | Error>();
  const lookups: string[] = [];
  const pollers = new NamePollers({
    clock,
    random: () => 0.5,
    lookup: async ({ name }) => {
      lookups.push(name);
      const answer = answers.get(name) ?? new Error(`${name} does not exist`);
      if (answer instanceof Error) {
        throw answer;
      }
      return { addresses: answer.map((host) => ({ host })), ttlMs: 1000 };
    },
  });
  const told: string[] = [];
  const attributes: object[] = [];
  const resolver = new DiscoveryResolver(
    target,
    (list, given, serviceConfig) => {
      expect(serviceConfig).toBeNull();
      attributes.push(given);
      told.push(
        list.ok
          ? list.value
              .flatMap(({ addresses }) => addresses)
              .map((address) => ("port" in address ? `${address.host}:${address.port}` : ""))
              .join(" ")
          : `${list.error.code}: ${list.error.details}`,
      );
      return true;
    },
    { nameResolution, pollers },
  );
  return { clock, answers, lookups, told, attributes, resolver };
}

describe("DiscoveryResolver", () => {
  test("tells of changes only, whatever the order, and without attributes", async () => {
    const { clock, answers, told, attributes, resolver } = setUp("dns:///orders:1");
    answers.set("orders", ["10.0.0.1", "10.0.0.2"]);
    resolver.updateResolution();
    expect(told).toEqual([]);
    await clock.advanceAsync(2500);
    answers.set("orders", ["10.0.0.2", "10.0.0.1"]);
    await clock.advanceAsync(1000);
    expect(told).toEqual(["10.0.0.1:1 10.0.0.2:1"]);
    answers.set("orders", ["10.0.0.2"]);
    await clock.advanceAsync(1000);
    expect(told).toEqual(["10.0.0.1:1 10.0.0.2:1", "10.0.0.2:1"]);
    expect(attributes).toEqual([{}, {}]);
  });

  test("says nothing of failures while it has a list", async () => {
    const { clock, answers, told, resolver } = setUp("dns:///orders:1");
    answers.set("orders", ["10.0.0.1"]);
    resolver.updateResolution();
    await clock.advanceAsync(0);
    answers.set("orders", new Error("SERVFAIL"));
    await clock.advanceAsync(60_000);
    expect(told).toEqual(["10.0.0.1:1"]);
  });

  test("says why there is no list, each time anew", async () => {
    const { clock, answers, told, resolver } = setUp("dns:///orders:1");
    resolver.updateResolution();
    await clock.advanceAsync(0);
    answers.set("orders", new Error("SERVFAIL"));
    await clock.advanceAsync(1000);
    expect(told).toEqual(["14: orders does not exist", "14: SERVFAIL"]);
  });

  test("a hint that a connection was lost leads to no lookup", async () => {
    const { clock, answers, lookups, resolver } = setUp("dns:///orders:1");
    answers.set("orders", ["10.0.0.1"]);
    resolver.updateResolution();
    for (let hint = 0; hint < 9; hint += 1) {
      await clock.advanceAsync(100);
      resolver.updateResolution();
    }
    expect(lookups).toEqual(["orders"]);
  });

  test("is silent when it is destroyed, and tells the whole list when it is asked again", async () => {
    const { clock, answers, told, lookups, resolver } = setUp("dns:///orders:1");
    answers.set("orders", ["10.0.0.1"]);
    resolver.updateResolution();
    resolver.destroy();
    await clock.advanceAsync(60_000);
    expect(told).toEqual([]);
    expect(lookups).toEqual(["orders"]);
    resolver.updateResolution();
    await clock.advanceAsync(0);
    resolver.destroy();
    resolver.updateResolution();
    await clock.advanceAsync(0);
    expect(told).toEqual(["10.0.0.1:1", "10.0.0.1:1"]);
  });

  test("needs no lookup for addresses, and tells them once", async () => {
    const { clock, told, lookups, resolver } = setUp("static:///10.0.0.1:1,[::1]:2,10.0.0.1:1");
    resolver.updateResolution();
    expect(told).toEqual([]);
    await clock.advanceAsync(0);
    resolver.updateResolution();
    await clock.advanceAsync(60_000);
    expect(told).toEqual(["10.0.0.1:1 ::1:2"]);
    expect(lookups).toEqual([]);
  });

  test("does without the names of a list that are not known, as long as it knows one", async () => {
    const { clock, answers, told, resolver } = setUp("static:///orders:1,elsewhere:2");
    answers.set("orders", ["10.0.0.1"]);
    resolver.updateResolution();
    await clock.advanceAsync(0);
    answers.set("elsewhere", ["10.0.0.9"]);
    await clock.advanceAsync(1000);
    expect(told).toEqual(["10.0.0.1:1", "10.0.0.1:1 10.0.0.9:2"]);
  });
});

test.each([
  ["dns:///orders:1", "talaria:dns:///orders:1"],
  ["orders:1", "talaria:orders:1"],
  ["unix:/run/orders.sock", "unix:/run/orders.sock"],
  ["ipv4:10.0.0.1:1", "ipv4:10.0.0.1:1"],
])("resolverTarget() makes %s %s", (target, expected) => {
  expect(resolverTarget(target)).toBe(expected);
});
