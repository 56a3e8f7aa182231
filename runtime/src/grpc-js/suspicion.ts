// SPDX-License-Identifier: Apache-2.0

/** When a connection is suspected to be dead: see "Load balancing and connections" in `docs/semantics.md`. */
export const suspicionRules = {
  /** So many calls in a row that end by deadline or attempt timeout, with nothing received since the first. */
  timeouts: 3,
  /** At most one ping in this time. */
  intervalMs: 30_000,
  /** How long the answer to the ping may take. */
  answerMs: 2_000,
  /** So many pings with nothing between them but their answers; gRPC servers forgive two (gRFC A8, ping strikes). */
  freePings: 2,
} as const;

/** What the suspicion of one connection is decided by. Pure: bytes and time come in as arguments. */
export class Suspicion {
  /** The shortest interval between pings that the server permits for good. */
  readonly #serverMinTimeMs: number;
  #timeouts = 0;
  #bytesAtFirst = -1;
  #lastPingAtMs = Number.NEGATIVE_INFINITY;
  #bytesAtAnswer = -1;
  #pings = 0;

  constructor(serverMinTimeMs: number) {
    this.#serverMinTimeMs = serverMinTimeMs;
  }

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
    if (this.#timeouts < suspicionRules.timeouts || nowMs < this.#lastPingAtMs + this.#intervalMs(bytesRead)) {
      return false;
    }
    this.#pings = bytesRead === this.#bytesAtAnswer ? this.#pings + 1 : 1;
    this.#lastPingAtMs = nowMs;
    this.#timeouts = 0;
    return true;
  }

  /** The ping was answered: the connection lives, its server is slow. */
  onAnswer(bytesRead: number): void {
    this.#bytesAtAnswer = bytesRead;
    this.#bytesAtFirst = bytesRead;
    this.#timeouts = 0;
  }

  /**
   * A server counts pings between which it sent nothing else, and closes the connection after too many. Once the free ones
   * are used, the interval is the one that it permits for good.
   */
  #intervalMs(bytesRead: number): number {
    const quietSince = bytesRead === this.#bytesAtAnswer && this.#pings >= suspicionRules.freePings;
    return quietSince ? Math.max(suspicionRules.intervalMs, this.#serverMinTimeMs) : suspicionRules.intervalMs;
  }
}
