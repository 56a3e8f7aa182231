// SPDX-License-Identifier: Apache-2.0
import { Breaker, type BreakerPermit, type BreakerState, refused } from "../../../runtime/src/engine/breaker.ts";
import type { Outcome } from "../../../runtime/src/engine/outcome.ts";
import { type Fields, VectorError } from "../fields.ts";
import type { RunVector } from "../kind.ts";
import { readBreakerPolicy } from "../read-policy.ts";
import { scriptedRandom } from "../scripted-random.ts";

/** One breaker, step by step. */
export const runBreaker: RunVector = (vector, judge) => {
  const random = scriptedRandom(vector.optional("random", vector.numbers));
  const driver = new BreakerDriver(new Breaker(readBreakerPolicy(vector.object("config")), random));
  for (const step of vector.objects("steps")) {
    const nowMs = step.number("t");
    driver.apply(step, nowMs);
    if (step.has("expect")) judge.compare(step.object("expect"), driver.seen(nowMs));
  }
};

class BreakerDriver {
  readonly #breaker: Breaker;
  readonly #permits: Map<string, BreakerPermit> = new Map();
  #allowed: boolean | undefined;

  constructor(breaker: Breaker) {
    this.#breaker = breaker;
  }

  apply(step: Fields, nowMs: number): void {
    const op = step.string("op");
    if (op === "force") {
      this.#breaker.enter(step.string("state") as BreakerState, nowMs);
      return;
    }
    const id = op === "call" ? "" : step.string("id");
    const times = step.optionalNumber("n") ?? 1;
    for (let i = 0; i < times; i++) {
      if (op === "acquire" || op === "call") this.#acquire(id, nowMs);
      if (op === "finish" || op === "call") this.#finish(id, step, nowMs);
    }
    if (!["acquire", "call", "finish"].includes(op)) {
      throw new VectorError(`${step.where}.op must be call, acquire, finish or force`);
    }
  }

  seen(nowMs: number): Readonly<Record<string, unknown>> {
    const { state, total, failures, openWindowMs } = this.#breaker.snapshot(nowMs);
    return {
      state,
      allowed: this.#allowed,
      counts: [total - failures, failures],
      open_window_millis: openWindowMs,
    };
  }

  #acquire(id: string, nowMs: number): void {
    const permit = this.#breaker.tryAcquire(nowMs);
    this.#allowed = permit !== refused;
    this.#permits.set(id, permit);
  }

  #finish(id: string, step: Fields, nowMs: number): void {
    const permit = this.#permits.get(id);
    if (permit === undefined) throw new VectorError(`${step.where}: nothing was acquired as ${JSON.stringify(id)}`);
    const durationMs = step.optionalNumber("duration") ?? 0;
    const outcome = step.string("outcome") as Outcome;
    if (permit !== refused) this.#breaker.onResult(permit, outcome, durationMs, nowMs);
  }
}
