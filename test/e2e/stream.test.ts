// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { Channel, Metadata, status as Status } from "@grpc/grpc-js";
import { describe, expect, test, vi } from "vitest";
import { collect, failure, failureOf, messages, openEcho, type Text, text } from "./echo.ts";

describe("streaming calls", () => {
  test("of a server deliver every message, header and trailer", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        server(call) {
          call.sendMetadata(failure(0, "", { "x-header": "h" }).metadata);
          for (const value of ["a", "b", "c"]) {
            call.write(text(echo.service, call.request.text + value));
          }
          call.end(failure(0, "", { "x-trailer": "t" }).metadata);
        },
      },
    );
    const seen: (string | null)[] = [];
    const stream = echo.client.server(
      { text: "-" },
      {
        onHeader: (header) => seen.push(header.get("x-header")),
        onTrailer: (trailer) => seen.push(trailer.get("x-trailer")),
      },
    );
    expect(await collect(stream)).toEqual(["-a", "-b", "-c"]);
    expect(seen).toEqual(["h", "t"]);
  });

  test("of a client send every message and return the one answer", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        client(call, reply) {
          const received: string[] = [];
          call.on("data", (message: Text) => received.push(message.text));
          call.on("end", () => reply(null, text(echo.service, received.join())));
        },
      },
    );
    const response = await echo.client.client(messages(...Array.from({ length: 500 }, (_, i) => String(i))));
    expect(response.text.split(",")).toHaveLength(500);
    expect(response.text.startsWith("0,1,2,")).toBe(true);
  });

  test("both ways answer each message before the next is asked for", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        bidi(call) {
          call.on("data", (message: Text) => call.write(text(echo.service, `${message.text}!`)));
          call.on("end", () => call.end());
        },
      },
    );
    const answers: string[] = [];
    let answered = Promise.withResolvers<void>();
    async function* questions(): AsyncGenerator<{ text: string }> {
      for (const value of ["one", "two", "three"]) {
        yield { text: value };
        await answered.promise;
        answered = Promise.withResolvers();
      }
    }
    for await (const answer of echo.client.bidi(questions())) {
      answers.push(answer.text);
      answered.resolve();
    }
    expect(answers).toEqual(["one!", "two!", "three!"]);
  });

  test("are not cut by the response timeout once a message has come, and have no deadline on the wire", async () => {
    const deadlines: unknown[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 1000" },
      {
        server(call) {
          deadlines.push(call.getDeadline());
          call.write(text(echo.service, "first"));
          setTimeout(() => {
            call.write(text(echo.service, "late"));
            call.end();
          }, 1300);
        },
      },
    );
    expect(await collect(echo.client.server({ text: "" }))).toEqual(["first", "late"]);
    expect(deadlines).toEqual([Number.POSITIVE_INFINITY]);
  });

  test("fail when the first message does not come in time, and are cancelled at the server", async () => {
    let cancelled = false;
    await using echo = await openEcho(
      // Only a call that has reached the server can be cancelled there.
      { service: "response_timeout_millis: 200", connected: true },
      { server: (call) => void call.on("cancelled", () => (cancelled = true)) },
    );
    const error = await failureOf(echo.client.server({ text: "" }));
    expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
    expect(String(error)).toContain("200 ms");
    await expect.poll(() => cancelled).toBe(true);
  });

  test("fail when a further message does not come in time", async () => {
    let cancelled = false;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 stream_idle_timeout_millis: 200" },
      {
        server(call) {
          call.write(text(echo.service, "first"));
          call.on("cancelled", () => (cancelled = true));
        },
      },
    );
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const message of echo.client.server({ text: "" })) {
          seen.push(message.text);
        }
      })(),
    );
    expect(seen).toEqual(["first"]);
    expect(error).toMatchObject({
      reason: "stream_timeout",
      code: Code.DeadlineExceeded,
      timeout: { timeoutMs: 200, setBy: "contract" },
      attempts: [{ peer: expect.stringMatching(/:\d+$/), code: "DEADLINE_EXCEEDED" }],
    });
    await expect.poll(() => cancelled).toBe(true);
  });

  test("a reader that is slow is not taken for a server that is silent", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 stream_idle_timeout_millis: 100" },
      {
        server(call) {
          call.write(text(echo.service, "a"));
          call.write(text(echo.service, "b"));
          call.end();
        },
      },
    );
    const seen: string[] = [];
    for await (const message of echo.client.server({ text: "" })) {
      seen.push(message.text);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(seen).toEqual(["a", "b"]);
  });

  test("end after their longest duration", async () => {
    let deadline = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 600 stream_max_duration_millis: 1200", connected: true },
      {
        server(call) {
          deadline = Number(call.getDeadline()) - Date.now();
          const timer = setInterval(() => call.write(text(echo.service, "tick")), 50);
          call.on("cancelled", () => clearInterval(timer));
        },
      },
    );
    const error = await failureOf(echo.client.server({ text: "" }));
    expect(error).toMatchObject({ reason: "stream_timeout", code: Code.DeadlineExceeded });
    expect(deadline).toBeGreaterThan(600);
    expect(deadline).toBeLessThanOrEqual(1200);
  });

  test("end by their deadline, however busy the process is while they start", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      { server: (call) => void call.write(call.request) },
    );
    const { createCall } = Channel.prototype;
    const spy = vi.spyOn(Channel.prototype, "createCall").mockImplementation(function (this: Channel, ...args) {
      const call = createCall.apply(this, args);
      const busyUntilMs = performance.now() + 60;
      while (performance.now() < busyUntilMs);
      return call;
    });
    const failed = failureOf(echo.client.server({ text: "" }, { timeoutMs: 500 }));
    spy.mockRestore();
    expect(await failed).toMatchObject({ reason: "deadline_exceeded", timeout: { timeoutMs: 500, setBy: "caller" } });
  });

  test("are tried again until their first message, with every request message again", async () => {
    const received: string[][] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }" },
      {
        bidi(call) {
          const mine: string[] = [];
          received.push(mine);
          call.on("data", (message: Text) => mine.push(message.text));
          call.on("end", () => {
            if (received.length < 3) {
              call.emit("error", failure(Status.UNAVAILABLE, "not yet"));
            } else {
              call.write(text(echo.service, "done"));
              call.end();
            }
          });
        },
      },
    );
    expect(await collect(echo.client.bidi(messages("a", "b")))).toEqual(["done"]);
    expect(received).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  test("are not tried again once a message has come", async () => {
    let attempts = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }" },
      {
        server(call) {
          attempts++;
          call.write(text(echo.service, "first"), () => call.emit("error", failure(Status.UNAVAILABLE, "then gone")));
        },
      },
    );
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const message of echo.client.server({ text: "" })) {
          seen.push(message.text);
        }
      })(),
    );
    expect(seen).toEqual(["first"]);
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ reason: "status", code: Code.Unavailable });
  });

  test("leaving a stream early cancels it, and gives its permit back", async () => {
    let cancelled = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 max_concurrent_requests: 1" },
      {
        server(call) {
          call.write(text(echo.service, "first"));
          call.on("cancelled", () => cancelled++);
        },
      },
    );
    for (let i = 1; i <= 2; i++) {
      for await (const _ of echo.client.server({ text: "" })) {
        break;
      }
      await expect.poll(() => cancelled).toBe(i);
    }
  });

  test("an error in the application's own messages ends the call", async () => {
    let cancelled = false;
    const received = Promise.withResolvers<void>();
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        client(call) {
          call.on("data", () => received.resolve());
          call.on("cancelled", () => (cancelled = true));
        },
      },
    );
    async function* broken(): AsyncGenerator<{ text: string }> {
      yield { text: "fine" };
      await received.promise;
      throw new Error("disk on fire");
    }
    const error = await failureOf(echo.client.client(broken()));
    expect(error).toMatchObject({ reason: "local" });
    expect(String(error)).toContain("disk on fire");
    await expect.poll(() => cancelled).toBe(true);
  });

  test("closing the client ends its streams", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        server(call) {
          call.sendMetadata(new Metadata());
          call.write(text(echo.service, "first"));
        },
      },
    );
    const client = echo.open();
    const failed = failureOf(client.server({ text: "" }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client[Symbol.asyncDispose]();
    expect(await failed).toMatchObject({ reason: "client_closed" });
  });
});
