// SPDX-License-Identifier: Apache-2.0
import type { Clock, Random } from "../../clock.ts";
import type { GrpcPicker, GrpcPickResult } from "../surface.ts";
import { type EndpointWeight, weightRules } from "./endpoint-weight.ts";

/** A connection that calls can be sent to. */
export interface WeightedChoice {
  readonly weight: EndpointWeight;
  readonly pick: GrpcPickResult;
}

interface Turn extends WeightedChoice {
  /** How far its turns are apart. */
  period: number;
  /** When its next turn is. */
  next: number;
}

/**
 * Gives each connection as many calls as its weight is of all weights, as evenly spread as can be: the one whose turn is next gets
 * the call, and turns are as far apart as its weight is small. One without a weight counts as the average, so that a server that
 * is new gets calls and can report; with fewer than two weights all count alike (gRFC A58).
 */
export class WeightedPicker implements GrpcPicker {
  readonly #turns: readonly [Turn, ...Turn[]];
  readonly #clock: Pick<Clock, "nowMs">;
  #updateAtMs = Number.NEGATIVE_INFINITY;
  #now = 0;

  constructor(
    [choice, ...others]: readonly [WeightedChoice, ...WeightedChoice[]],
    clock: Pick<Clock, "nowMs">,
    random: Random,
  ) {
    const turnOf = (each: WeightedChoice): Turn => ({ ...each, period: 1, next: random() });
    this.#clock = clock;
    this.#turns = [turnOf(choice), ...others.map(turnOf)];
  }

  pick(): GrpcPickResult {
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#updateAtMs) {
      this.#updateAtMs = nowMs + weightRules.updateMs;
      this.#update(nowMs);
    }
    let [first] = this.#turns;
    for (const turn of this.#turns) {
      if (turn.next < first.next) {
        first = turn;
      }
    }
    this.#now = first.next;
    first.next += first.period;
    return first.pick;
  }

  #update(nowMs: number): void {
    const weights = this.#turns.map(({ weight }) => weight.at(nowMs));
    const known = weights.filter((weight) => weight !== undefined);
    const average = known.reduce((sum, weight) => sum + weight, 0) / known.length;
    this.#turns.forEach((turn, index) => {
      const period = known.length < 2 ? 1 : average / (weights[index] ?? average);
      // Whoever has waited for half of its time goes on with half of it to wait.
      turn.next = this.#now + ((turn.next - this.#now) * period) / turn.period;
      turn.period = period;
    });
  }
}
