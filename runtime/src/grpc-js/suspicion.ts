// SPDX-License-Identifier: Apache-2.0

/** When a connection is suspected to be dead: see "Load balancing and connections" in `docs/semantics.md`. */
export const suspicionRules = {
  /** So many calls in a row that end by deadline or attempt timeout, with nothing received since the first. */
  timeouts: 3,
  /** At most one ping in this time. */
  intervalMs: 30_000,
  /** How long the answer to the ping may take. */
  answerMs: 2_000,
} as const;

/**
 * What the suspicion of one connection is decided by. Pure: bytes and time come in as arguments.
 *
 * A server forgives two pings that come too early until it sends HEADERS or DATA (gRFC A8, ping strikes), and one ping of ours
 * may cost both: it comes too early after a ping of keepalive, and keepalive's next too early after it. So there is one until the
 * next response, and a connection that goes silent later without any is found dead by keepalive.
 */
export class Suspicion {
  #timeouts = 0;
  #bytesAtFirst = -1;
  #lastPingAtMs = Number.NEGATIVE_INFINITY;
  #awaitsResponse = false;

  /**
   * A call on the connection ran out of time. Says whether the connection is to be pinged now.
   *
   * @param bytesRead What the connection has received so far, in all.
   */
  onTimeout(bytesRead: number, nowMs: number): boolean {
    if (bytesRead !== this.#bytesAtFirst) {
      this.#timeouts = 0;
      this.#bytesAtFirst = bytesRead;
    }
    this.#timeouts += 1;
    const isTooEarly = this.#awaitsResponse || nowMs < this.#lastPingAtMs + suspicionRules.intervalMs;
    if (this.#timeouts < suspicionRules.timeouts || isTooEarly) {
      return false;
    }
    this.#lastPingAtMs = nowMs;
    this.#timeouts = 0;
    return true;
  }

  /** The ping was answered: the connection lives, its server is slow. */
  onAnswer(bytesRead: number): void {
    this.#awaitsResponse = true;
    this.#bytesAtFirst = bytesRead;
    this.#timeouts = 0;
  }

  /** The server has sent a response since it answered the ping: it takes back what it held against the pings. */
  onResponse(): void {
    this.#awaitsResponse = false;
  }
}
