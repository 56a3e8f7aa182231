// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect as connectHttp2, type ServerHttp2Stream } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { serverKinds, startFixture, startLoad, until } from "../../../test/scenarios/server-fixture.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe.each(serverKinds)("a connection to a server of %s", (kind) => {
  test("is asked to close at its maximum age, 10 % more or less", async () => {
    await using fixture = await startFixture({ kind, contract: "connection { max_age_millis: 1000 }" });
    await fixture.ready();
    const ages = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const session = connectHttp2(`http://127.0.0.1:${fixture.port()}`);
        await once(session, "connect");
        const startMs = performance.now();
        await once(session, "close");
        return performance.now() - startMs;
      }),
    );
    expect(Math.min(...ages)).toBeGreaterThan(850);
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(10);
    expect(Math.max(...ages)).toBeLessThan(4000);
  });

  test("takes no call with it when its age is over", async () => {
    await using fixture = await startFixture({ kind, contract: "connection { max_age_millis: 300 }" });
    await fixture.ready();
    await using client = fixture.client();
    const connections = new Set<unknown>();
    const onStream = (message: unknown): void =>
      void connections.add((message as { readonly stream: ServerHttp2Stream }).stream.session);
    subscribe("http2.server.stream.created", onStream);
    await using load = startLoad(() => client.unary({ text: "1" }));
    await until(() => connections.size >= 4);
    unsubscribe("http2.server.stream.created", onStream);
    expect(await load.stop()).toEqual([]);
  });

  test("is cut when a call outlasts age and grace, and the call sees UNAVAILABLE", async () => {
    const contract = "connection { max_age_millis: 100 max_age_grace_millis: 100 }";
    await using fixture = await startFixture({ kind, contract });
    await fixture.ready();
    const startMs = performance.now();
    expect(await fixture.bareCalls("10000")).toEqual(new Set(["UNAVAILABLE"]));
    expect(performance.now() - startMs).toBeGreaterThan(185);
    expect(performance.now() - startMs).toBeLessThan(4000);
  });

  test("is closed when it had no call for too long, and not before", async () => {
    await using fixture = await startFixture({ kind, contract: "connection { max_idle_millis: 200 }" });
    await fixture.ready();
    await using client = fixture.client();
    await client.unary({ text: "500" });
    const session = connectHttp2(`http://127.0.0.1:${fixture.port()}`);
    await once(session, "close");
    expect(fixture.events.map((event) => event.kind)).toEqual(["serving"]);
  });

  test("is cut when its client answers no ping", async () => {
    await using fixture = await startFixture({
      kind,
      contract: "keepalive { time_millis: 100 timeout_millis: 100 server_min_time_millis: 100 }",
    });
    await fixture.ready();
    const mute = connectTcp(fixture.port(), "127.0.0.1");
    const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    mute.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), emptySettings]));
    mute.resume();
    const talking = connectHttp2(`http://127.0.0.1:${fixture.port()}`);
    await once(mute, "close");
    await sleep(300);
    expect(talking.closed).toBe(false);
    talking.destroy();
  });
});
