// SPDX-License-Identifier: Apache-2.0
import type { RetryThrottling } from "@talaria/contract";

/**
 * The token bucket that stops retries and hedges when most calls fail (gRFC A6, "Throttling Retry Attempts and Hedged
 * RPCs"). It counts in thousandths, as every gRPC implementation does, so that tokens never drift.
 */
export class RetryThrottle {
  #maxMilliTokens: number;
  #ratioMilliTokens: number;
  #milliTokens: number;

  /** Starts with `tokens`; full unless told otherwise. */
  constructor(policy: RetryThrottling, tokens: number = policy.maxTokens) {
    this.#maxMilliTokens = thousandths(policy.maxTokens);
    this.#ratioMilliTokens = thousandths(policy.tokenRatio);
    this.#milliTokens = Math.min(Math.max(0, thousandths(tokens)), this.#maxMilliTokens);
  }

  /** How many tokens are left: 0 to `maxTokens`, in thousandths. */
  get tokens(): number {
    return this.#milliTokens / 1000;
  }

  /** Whether a retry or a hedge may be sent: more than half of the tokens are left. */
  get allowsRetry(): boolean {
    return this.#milliTokens * 2 > this.#maxMilliTokens;
  }

  /** A retryable failure, or a server that asked not to be tried again, takes 1. */
  onFailure(): void {
    this.#milliTokens = Math.max(0, this.#milliTokens - 1000);
  }

  /** A success puts `tokenRatio` back. */
  onSuccess(): void {
    this.#milliTokens = Math.min(this.#milliTokens + this.#ratioMilliTokens, this.#maxMilliTokens);
  }

  /** Takes over another policy and keeps how full the bucket is, in proportion. */
  reconfigure(policy: RetryThrottling): void {
    const maxMilliTokens = thousandths(policy.maxTokens);
    this.#milliTokens = Math.round((this.#milliTokens * maxMilliTokens) / this.#maxMilliTokens);
    this.#maxMilliTokens = maxMilliTokens;
    this.#ratioMilliTokens = thousandths(policy.tokenRatio);
  }
}

/** Digits after the third are cut off; what 0.283 * 1000 lacks to 283 is not a digit. */
function thousandths(value: number): number {
  return Math.floor(value * 1000 + 1e-6);
}
