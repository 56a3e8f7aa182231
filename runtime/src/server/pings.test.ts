// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { serverKinds, startFixture, until } from "../../../test/scenarios/server-fixture.ts";
import { openRaw } from "../../../test/scenarios/server-raw-client.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const tooManyPings = expect.stringMatching(/^11 \d+ too_many_pings$/);

/** Counts the pings that any server of this process receives on a connection with a call. */
function countPings(): Disposable & { readonly pings: number } {
  let pings = 0;
  const sessions = new WeakSet<object>();
  const onStream = (message: unknown): void => {
    const { session } = (message as { stream: ServerHttp2Stream }).stream;
    if (session !== undefined && !sessions.has(session)) {
      sessions.add(session);
      session.on("ping", () => {
        pings += 1;
      });
    }
  };
  subscribe("http2.server.stream.created", onStream);
  return {
    get pings() {
      return pings;
    },
    [Symbol.dispose]: () => void unsubscribe("http2.server.stream.created", onStream),
  };
}

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

  test("never turns away a client that keeps the contract, even one that pings as often as it may", async () => {
    const contract = "keepalive { time_millis: 100 server_min_time_millis: 100 permit_without_calls: true }";
    await using fixture = await startFixture({ kind, contract });
    await fixture.ready();
    await using client = fixture.client();
    using counted = countPings();
    const quiet = client.unary({ text: "1500" });
    await until(() => counted.pings >= 8);
    await quiet;
    const before = counted.pings;
    await until(() => counted.pings >= before + 8);
    expect(fixture.events.map((event) => event.kind)).toEqual(["serving"]);
  });
});
