// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { ConnectError } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import { type Echo, failure, messages, openEcho, text } from "../e2e/echo.ts";

/** How many calls are in flight at once. */
const batch = 100;

/** An echo server of grpc-js that answers, fails, and keeps silent in turn. */
export function openMoodyEcho(): Promise<Echo> {
  let requests = 0;
  const policies = {
    service: `response_timeout_millis: 2000 stream_idle_timeout_millis: 2000 max_concurrent_requests: 80
      retry_throttling { max_tokens: 1000 token_ratio: 1 }
      retry { max_attempts: 3 initial_backoff_millis: 2 max_backoff_millis: 4 }`,
    method: "option idempotency_level = IDEMPOTENT;",
  };
  const mood = (): number => {
    requests += 1;
    return requests % 5;
  };
  const opening = openEcho(policies, {
    unary(_call, reply) {
      switch (mood()) {
        case 0:
          // Silence: the call ends by its deadline, or because it is cancelled.
          break;
        case 1:
          reply(failure(Status.UNAVAILABLE, "later"));
          break;
        default:
          void opening.then((echo) => reply(null, text(echo.service, "ok")));
      }
    },
    server(call) {
      void opening.then((echo) => {
        call.write(text(echo.service, "1"));
        call.write(text(echo.service, "2"));
        if (mood() > 1) {
          call.end();
        }
      });
    },
    client(call, reply) {
      call.on("data", () => undefined);
      call.on("end", () => void opening.then((echo) => reply(null, text(echo.service, "ok"))));
    },
    bidi(call) {
      call.on("data", (message) => call.write(message));
      call.on("end", () => call.end());
    },
  });
  return opening;
}

/** Makes calls of every kind over a real connection; answers with how many abort listeners are left. */
export async function makeGrpcCalls({ client }: Echo, count: number): Promise<number> {
  const shared = new AbortController();
  for (let made = 0; made < count; made += batch) {
    const calls = Array.from({ length: batch }, async (_, index) => {
      const own = new AbortController();
      const cancelled = index % 7 === 0;
      const timer = cancelled ? setTimeout(() => own.abort(), index % 10) : undefined;
      const options = { signal: cancelled ? own.signal : shared.signal, timeoutMs: 20 };
      try {
        switch (index % 4) {
          case 0:
            await client.unary({ text: "q" }, options);
            break;
          case 1:
            for await (const _message of client.server({ text: "q" }, options)) {
              break;
            }
            break;
          case 2:
            await client.client(messages("a", "b"), options);
            break;
          default:
            for await (const _message of client.bidi(messages("a", "b"), options)) {
              // Reads to the end.
            }
        }
      } catch (error) {
        if (!(error instanceof ConnectError)) {
          throw error;
        }
      } finally {
        clearTimeout(timer);
      }
    });
    await Promise.all(calls);
  }
  return getEventListeners(shared.signal, "abort").length;
}

/** A stream that stays open. */
export interface LongStream {
  /** Sends so many messages, and reads as many back. */
  exchange(count: number): Promise<void>;
  close(): Promise<void>;
}

export function openLongStream({ client }: Echo): LongStream {
  const large = { text: "x".repeat(4096) };
  let asked = Promise.withResolvers<"more" | "end">();
  async function* requests(): AsyncGenerator<{ text: string }> {
    while ((await asked.promise) === "more") {
      asked = Promise.withResolvers();
      yield large;
    }
  }
  const responses = client.bidi(requests())[Symbol.asyncIterator]();
  return {
    async exchange(count) {
      for (let i = 0; i < count; i++) {
        asked.resolve("more");
        await responses.next();
      }
    },
    async close() {
      asked.resolve("end");
      await responses.next();
    },
  };
}
