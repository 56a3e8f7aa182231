// SPDX-License-Identifier: Apache-2.0
import type { LoadReport } from "./load-report.ts";

/** The defaults of gRFC A58. */
export const weightRules = {
  /** A server that has just begun to report is not believed yet. */
  blackoutMs: 10_000,
  /** A report that is older says nothing any more. */
  expirationMs: 180_000,
  /** How often weights are taken up. */
  updateMs: 1000,
  /** How much a share of failed calls counts beside utilization. */
  errorPenalty: 1,
} as const;

/** The weight of one endpoint by what it reports (gRFC A58). Pure: time comes in as an argument. */
export class EndpointWeight {
  #weight = 0;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  #reportsSinceMs: number | undefined;

  report({ callsPerSecond, errorsPerSecond, utilization }: LoadReport, nowMs: number): void {
    const penalty = (errorsPerSecond / callsPerSecond) * weightRules.errorPenalty;
    const weight = callsPerSecond / (utilization + penalty);
    // Also numbers beyond what can be divided: one of them would spoil the shares of all.
    if (callsPerSecond === 0 || utilization === 0 || weight === 0 || !Number.isFinite(weight)) {
      return;
    }
    this.#weight = weight;
    this.#reportedAtMs = nowMs;
    this.#reportsSinceMs ??= nowMs;
  }

  /** It is connected anew: what it reports until it is warm is not believed. */
  restart(): void {
    this.#reportsSinceMs = undefined;
  }

  /** Its weight now; undefined as long as there is none to go by. */
  at(nowMs: number): number | undefined {
    if (nowMs - this.#reportedAtMs >= weightRules.expirationMs) {
      this.#reportsSinceMs = undefined;
    }
    const isKnown = this.#reportsSinceMs !== undefined && nowMs - this.#reportsSinceMs >= weightRules.blackoutMs;
    return isKnown ? this.#weight : undefined;
  }
}
