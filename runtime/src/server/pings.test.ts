// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { constants } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { serverKinds, startFixture, until } from "../../../test/scenarios/server-fixture.ts";
import { openRaw } from "../../../test/scenarios/server-raw-client.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const tooManyPings = expect.stringMatching(/^11 \d+ too_many_pings$/);

describe.each(serverKinds)("a server of %s", (kind) => {
  test("turns away a client that pings too fast in a quiet call", async () => {
    await using fixture = await startFixture({ kind, contract: "keepalive { server_min_time_millis: 60000 }" });
    await fixture.ready();
    using client = await openRaw(fixture);
    const call = client.call("Unary", "60000");
    await until(() => fixture.served === 1);
    for (let count = 1; count <= 3; count += 1) {
      await client.ping();
    }
    expect(client.goAways).toEqual([]);
    await client.ping();
    await until(() => client.session.destroyed && call.destroyed);
    expect(client.goAways).toEqual([tooManyPings]);
    const [event] = fixture.events.filter((candidate) => candidate.kind === "too_many_pings");
    expect(event).toMatchObject({ minPingIntervalMs: 60_000, peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  });

  test("turns away a client that pings without a call, whatever the interval is with one", async () => {
    await using fixture = await startFixture({ kind, contract: "keepalive { server_min_time_millis: 1 }" });
    await fixture.ready();
    using client = await openRaw(fixture);
    for (let count = 1; count <= 4; count += 1) {
      await client.ping();
      await sleep(5);
    }
    await until(() => client.session.destroyed);
    expect(client.goAways).toEqual([tooManyPings]);
  });

  test("permits a client that pings as often as the contract says, busy or idle", async () => {
    const contract = "keepalive { time_millis: 60 server_min_time_millis: 50 permit_without_calls: true }";
    await using fixture = await startFixture({ kind, contract });
    await fixture.ready();
    using client = await openRaw(fixture);
    for (let count = 1; count <= 10; count += 1) {
      await sleep(51);
      await client.ping();
    }
    client.call("Unary", "60000");
    for (let count = 1; count <= 10; count += 1) {
      await sleep(51);
      await client.ping();
    }
    expect(client.goAways).toEqual([]);
  });

  test("permits any number of pings while it has something to send", async () => {
    await using fixture = await startFixture({ kind });
    await fixture.ready();
    using client = await openRaw(fixture);
    const stream = client.call("Server", "1");
    for (let count = 1; count <= 20; count += 1) {
      // A message since the last ping, as a client that measures its bandwidth would have seen.
      await once(stream, "data");
      await once(stream, "data");
      await client.ping();
    }
    stream.close(constants.NGHTTP2_CANCEL);
    for (let count = 1; count <= 20; count += 1) {
      await once(client.call("Unary", "0"), "close");
      await client.ping();
    }
    expect(client.goAways).toEqual([]);
  });
});
