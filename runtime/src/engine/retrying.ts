// SPDX-License-Identifier: Apache-2.0
import type { AttemptAction, AttemptPlan } from "./attempt-plan.ts";
import type { FailedAttempt } from "./failure.ts";
import { decideRetry, type RetryRules } from "./retry.ts";

// Nearly every call starts one attempt, which succeeds: that must not cost an allocation.
const startFirst: readonly AttemptAction[] = [{ kind: "start", attempt: 1 }];
const nothing: readonly AttemptAction[] = [];
const finishFirst: readonly AttemptAction[] = [{ kind: "finish", attempt: 1 }];

/** One attempt at a time, the next after a backoff (gRFC A6). With no retry policy: one attempt. */
export class Retrying implements AttemptPlan {
  readonly #rules: RetryRules;
  throttled = false;
  #attempts = 1;
  #backoffStep = 0;

  constructor(rules: RetryRules) {
    this.#rules = rules;
  }

  get furtherKind(): "retry" {
    return "retry";
  }

  start(): readonly AttemptAction[] {
    return startFirst;
  }

  onDelay(): readonly AttemptAction[] {
    this.#attempts += 1;
    return [{ kind: "start", attempt: this.#attempts }];
  }

  onSuccess(attempt: number): readonly AttemptAction[] {
    return attempt === 1 ? finishFirst : [{ kind: "finish", attempt }];
  }

  /** There is no other attempt; that there will be none, its failure says. */
  onCommitted(): readonly AttemptAction[] {
    return nothing;
  }

  onFailure(attempt: number, failure: FailedAttempt, remainingMs: number): readonly AttemptAction[] {
    const decision = decideRetry(this.#rules, failure, {
      attempts: attempt,
      backoffStep: this.#backoffStep,
      remainingMs,
    });
    if (decision.kind === "stop") {
      this.throttled = decision.why === "throttled";
      return [{ kind: "finish", attempt, why: decision.why }];
    }
    this.#backoffStep = decision.backoffStep;
    return [{ kind: "wait", delayMs: decision.delayMs }];
  }
}
