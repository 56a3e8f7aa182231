// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { describeEndpoints, type EndpointState, Endpoints } from "./endpoints.ts";

describe("Endpoints", () => {
  test("keeps an endpoint that left until its calls have ended", () => {
    const endpoints = new Endpoints();
    endpoints.list(["a:1", "b:1"]);
    const a = endpoints.get("a:1");
    endpoints.started(a);
    endpoints.list(["b:1"]);
    expect(endpoints.snapshot().map(({ address, listed }) => [address, listed])).toEqual([
      ["a:1", false],
      ["b:1", true],
    ]);
    endpoints.ended(a);
    expect(endpoints.snapshot().map(({ address }) => address)).toEqual(["b:1"]);
  });

  test("an endpoint that comes back has a clean record", () => {
    const endpoints = new Endpoints();
    endpoints.list(["a:1"]);
    const a = endpoints.get("a:1");
    endpoints.started(a);
    a.ejected = true;
    endpoints.list([]);
    endpoints.list(["a:1"]);
    expect(endpoints.snapshot()).toEqual([
      { address: "a:1", state: "IDLE", ejected: false, listed: true, inFlight: 1 },
    ]);
  });

  test("keeps the reason of a failure, without what grpc-js puts around it", () => {
    const endpoints = new Endpoints();
    endpoints.list(["a:1"]);
    endpoints.get("a:1").noteError("Error: connect ECONNREFUSED a:1 (2026-11-21T14:36:07.123Z)");
    endpoints.get("a:1").changed();
    expect(endpoints.snapshot()[0]?.lastError).toBe("connect ECONNREFUSED a:1");
  });

  test("tells of changes, until one no longer listens", () => {
    const endpoints = new Endpoints();
    let changes = 0;
    const stop = endpoints.onChange(() => {
      changes += 1;
    });
    endpoints.list(["a:1"]);
    endpoints.get("a:1").changed();
    endpoints.fail("SERVFAIL");
    stop();
    endpoints.list([]);
    expect(changes).toBe(3);
  });
});

test("describeEndpoints() says what is wrong with each, and counts the rest", () => {
  const endpoint = (address: string, facts: Partial<EndpointState>): EndpointState => ({
    address,
    state: "TRANSIENT_FAILURE",
    ejected: false,
    listed: true,
    inFlight: 0,
    ...facts,
  });
  const described = describeEndpoints([
    endpoint("a:1", { lastError: "connect ECONNREFUSED a:1" }),
    endpoint("gone:1", { listed: false }),
    endpoint("b:1", { state: "READY", health: "NOT_SERVING" }),
    endpoint("c:1", { state: "READY", ejected: true }),
    endpoint("d:1", {}),
    endpoint("e:1", {}),
  ]);
  expect(described).toBe(
    "a:1 failed to connect: connect ECONNREFUSED a:1; b:1 says NOT_SERVING; c:1 is ejected as an outlier; and 2 more",
  );
});
