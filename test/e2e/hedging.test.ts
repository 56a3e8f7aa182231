// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import { withoutRetry } from "@talaria/runtime";
import { describe, expect, test } from "vitest";
import { collect, failure, failureOf, openEcho, text } from "./echo.ts";

const hedged = ({ delayMs = 50, more = "" } = {}) => ({
  service: "response_timeout_millis: 5000",
  method: `option idempotency_level = IDEMPOTENT;
    option (service_client.method_config).hedging = { max_attempts: 3 hedging_delay_millis: ${delayMs} ${more} };`,
});

describe("hedged calls", () => {
  test("send a copy after each delay, take the first answer, and cancel the others", async () => {
    const previous: unknown[] = [];
    let cancelled = 0;
    await using echo = await openEcho(hedged(), {
      unary(call, reply) {
        previous.push(call.metadata.get("grpc-previous-rpc-attempts")[0]);
        if (previous.length === 3) {
          reply(null, text(echo.service, "third"));
        } else {
          call.on("cancelled", () => cancelled++);
        }
      },
    });
    expect((await echo.client.unary({ text: "" })).text).toBe("third");
    expect(previous).toEqual([undefined, "1", "2"]);
    await expect.poll(() => cancelled).toBe(2);
  });

  test("send the next copy at once after a non-fatal failure, and end with a fatal one", async () => {
    const codes = [Status.UNAVAILABLE, Status.NOT_FOUND];
    let attempts = 0;
    await using echo = await openEcho(hedged({ more: "non_fatal_status_codes: [UNAVAILABLE]" }), {
      unary: (_call, reply) => reply(failure(codes[attempts++] ?? Status.INTERNAL, "no")),
    });
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ code: Code.NotFound, reason: "status" });
    expect(attempts).toBe(2);
  });

  test("of a server stream are committed to the copy that brings the first message", async () => {
    let attempts = 0;
    let cancelled = 0;
    // The first message has to be here before a third copy is due, and the second message comes long after.
    await using echo = await openEcho(hedged({ delayMs: 400 }), {
      server(call) {
        attempts++;
        if (attempts === 1) {
          call.on("cancelled", () => cancelled++);
        } else {
          call.write(text(echo.service, "a"));
          setTimeout(() => {
            call.write(text(echo.service, "b"));
            call.end();
          }, 600);
        }
      },
    });
    expect(await collect(echo.client.server({ text: "" }))).toEqual(["a", "b"]);
    expect(attempts).toBe(2);
    await expect.poll(() => cancelled).toBe(1);
  });

  test("are not hedged when the caller wants one attempt", async () => {
    let attempts = 0;
    await using echo = await openEcho(hedged(), {
      unary(_call, reply) {
        attempts++;
        setTimeout(() => reply(null, text(echo.service, "only")), 200);
      },
    });
    expect((await echo.client.unary({ text: "" }, withoutRetry())).text).toBe("only");
    expect(attempts).toBe(1);
  });
});
