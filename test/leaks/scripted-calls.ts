// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  fail,
  loseConnection,
  reply,
  replyAll,
  type ScriptedAnswer,
  type SeenAttempt,
  staySilent,
} from "@talaria/runtime/testing";
import type { EchoClient } from "../e2e/echo.ts";
import { openScriptedEcho, type ScriptedEcho } from "../e2e/scripted-echo.ts";

/** How many calls are in flight at once. */
const batch = 200;

const guards = `
  response_timeout_millis: 1000 stream_idle_timeout_millis: 500 max_concurrent_requests: 150
  retry_throttling { max_tokens: 1000 token_ratio: 1 }
  circuit_breaker { failure_rate_threshold: 1 minimum_request_threshold: 1000 }`;
const retried = {
  service: `${guards} retry { max_attempts: 3 initial_backoff_millis: 50 per_attempt_timeout_millis: 600 }`,
  method: "option idempotency_level = IDEMPOTENT;",
};
const hedged = {
  service: guards,
  method: `option idempotency_level = IDEMPOTENT;
    option (service_client.method_config).hedging = {
      max_attempts: 3 hedging_delay_millis: 20 non_fatal_status_codes: [UNAVAILABLE] };`,
};

/** What becomes of attempts, by the number of the attempt: everything happens in turn. */
const answers: readonly ScriptedAnswer<{ text: string }>[] = [
  reply({ text: "at once" }),
  fail(Code.Unavailable, { message: "later", delayMs: 5, trailer: { "x-t": "1" } }),
  staySilent(),
  reply({ text: "after a while" }, { delayMs: 30, header: { "x-h": "1" } }),
  loseConnection({ delayMs: 10 }),
  fail(Code.NotFound),
  fail(Code.Unavailable, { pushbackMs: 15 }),
];
const streams: readonly ScriptedAnswer<{ text: string }>[] = [
  replyAll([{ text: "1" }, { text: "2" }, { text: "3" }], { gapMs: 5 }),
  replyAll([{ text: "1" }, { text: "2" }], { end: staySilent() }),
  fail(Code.Unavailable, { afterMessages: 0 }),
  staySilent({ header: {} }),
  replyAll([{ text: "1" }], { end: loseConnection(), delayMs: 10 }),
];

/** What is left when all calls have ended; all zero when nothing leaks. */
export interface Left {
  readonly calls: number;
  timers: number;
  listeners: number;
  attempts: number;
}

/** Makes calls of every kind and fate over the scripted wire, a client a batch. */
export class ScriptedCalls {
  readonly #signal: AbortSignal = new AbortController().signal;
  readonly left: Left & { calls: number } = { calls: 0, timers: 0, listeners: 0, attempts: 0 };

  async make(count: number): Promise<void> {
    for (let made = 0; made < count; made += batch) {
      await this.#batch((made / batch) % 2 === 0 ? retried : hedged);
    }
  }

  async #batch(policies: typeof retried): Promise<void> {
    const inTurn = (list: typeof answers) => (attempt: SeenAttempt) =>
      list[attempt.number % list.length] ?? reply({ text: "" });
    const script = { unary: inTurn(answers), server: inTurn(streams), client: inTurn(answers), bidi: inTurn(streams) };
    await using echo = openScriptedEcho(policies, script);
    const calls = Array.from({ length: batch }, (_, index) => this.#call(echo, index));
    await echo.clock.until(Promise.all(calls));
    await echo.clock.runToEnd();
    this.left.calls += batch;
    this.left.timers += echo.clock.pendingTimers;
    this.left.attempts += echo.server.running.length;
    this.left.listeners += getEventListeners(this.#signal, "abort").length;
  }

  async #call({ client, clock }: ScriptedEcho, index: number): Promise<void> {
    const controller = new AbortController();
    const cancelled = index % 7 === 0;
    if (cancelled) {
      clock.setTimer(() => controller.abort(), index % 40);
    }
    // Most calls share one signal, as those of one long-lived task would: its listeners must not pile up.
    const options = {
      signal: cancelled ? controller.signal : this.#signal,
      ...(index % 5 === 0 ? { timeoutMs: 25 } : {}),
    };
    try {
      await kinds[index % kinds.length]?.(client, options);
    } catch (error) {
      if (!(error instanceof ConnectError)) {
        throw error;
      }
    } finally {
      this.left.listeners += getEventListeners(controller.signal, "abort").length;
    }
  }
}

type Make = (client: EchoClient, options: { signal: AbortSignal; timeoutMs?: number }) => Promise<unknown>;

const kinds: readonly Make[] = [
  (client, options) => client.unary({ text: "q" }, options),
  (client, options) => read(client.server({ text: "q" }, options), Number.POSITIVE_INFINITY),
  (client, options) => client.client(requests(), options),
  (client, options) => read(client.bidi(requests(), options), Number.POSITIVE_INFINITY),
  (client, options) => read(client.server({ text: "q" }, options), 1),
  (client, options) => read(client.bidi(requests(), options), 2),
];

async function* requests(): AsyncGenerator<{ text: string }> {
  yield { text: "a" };
  yield { text: "b" };
}

/** Reads a stream, and leaves it after so many messages. */
async function read(stream: AsyncIterable<unknown>, most: number): Promise<void> {
  let count = 0;
  for await (const _ of stream) {
    count += 1;
    if (count >= most) {
      break;
    }
  }
}
