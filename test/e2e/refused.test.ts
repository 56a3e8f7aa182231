// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:http2";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { expect, test } from "vitest";
import { type Action, startRawServer } from "../differential/raw-server.ts";
import { collect, type EchoClient, echoService, failureOf } from "./echo.ts";

const refused: Action = { kind: "reset", code: constants.NGHTTP2_REFUSED_STREAM };
const unavailable: Action = { kind: "status", code: 14 };
const ok: Action = { kind: "message", code: 0 };

test.each<[string, Action[], attempts: number, previous: (string | null)[], reason: string | undefined]>([
  ["and then answered", [refused, ok], 1, [null, null], undefined],
  ["time and again", [refused], 3, [null, null, "1", "2"], "connection_lost"],
  ["in a later attempt", [unavailable, refused, ok], 2, [null, "1", "1"], undefined],
  ["in two attempts", [refused, unavailable, refused, ok], 3, [null, null, "1", "2"], undefined],
])(
  "a request that is refused %s is sent again at once, once in a call",
  async (...[, script, attempts, previous, reason]) => {
    await using server = await startRawServer();
    const service = echoService({
      service: "response_timeout_millis: 3000 retry { max_attempts: 3 initial_backoff_millis: 1 }",
    });
    let made = 0;
    const opened = createServiceClient(contractOf(service), {
      target: `dns:///127.0.0.1:${server.port}`,
      hooks: { onAttemptStart: () => void made++ },
    });
    await using client = opened as unknown as EchoClient;
    // On a connection that is ready; what waits for one is left to grpc-js.
    server.expectCall("warm", [ok]);
    await client.unary({ text: "" }, { headers: { "x-call": "warm" } });
    made = 0;
    const seen = server.expectCall("call", script);
    const call = client.unary({ text: "" }, { headers: { "x-call": "call" } });
    if (reason === undefined) {
      expect((await call).text).toBe("ok");
    } else {
      expect(await failureOf(call)).toMatchObject({ reason });
    }
    expect(seen.map((request) => request.previous)).toEqual(previous);
    expect(made).toBe(attempts);
  },
);

test.each(["unary", "server"] as const)(
  "a request above the GOAWAY of its connection reached no handler: it is sent again on another, though it may run once only (%s)",
  async (kind) => {
    await using server = await startRawServer();
    const service = echoService({ service: "response_timeout_millis: 3000" });
    await using client = createServiceClient(contractOf(service), {
      target: `dns:///127.0.0.1:${server.port}`,
    }) as unknown as EchoClient;
    server.expectCall("warm", [ok]);
    await client.unary({ text: "" }, { headers: { "x-call": "warm" } });
    const seen = server.expectCall("late", [{ kind: "go_away" }, ok]);
    const options = { headers: { "x-call": "late" } };
    const texts =
      kind === "unary"
        ? [(await client.unary({ text: "" }, options)).text]
        : await collect(client.server({ text: "" }, options));
    expect(texts).toEqual(["ok"]);
    expect(seen.map(({ previous }) => previous)).toEqual([null, null]);
  },
);
