// SPDX-License-Identifier: Apache-2.0

/** How often the clients of a server may ping. */
export interface PingAllowance {
  /** The shortest interval that is permitted while a call is open. */
  readonly minPingIntervalMs: number;
  /** Whether it is permitted without a call, too. Otherwise a ping every two hours is. */
  readonly permitPingsWithoutCalls: boolean;
}

/** What the server has seen of a connection when a ping arrives. */
export interface PingArrival {
  readonly nowMs: number;
  /** Whether a call is open. */
  readonly hasCalls: boolean;
  /** Whether the server has sent HEADERS or DATA since the last ping. */
  readonly hasSent: boolean;
}

/** Judges each ping of one connection, and says whether it was one too many. */
export type PingJudge = (arrival: PingArrival) => "permitted" | "too_many_pings";

const maxStrikes = 2;
const intervalWithoutCallsMs = 2 * 60 * 60 * 1000;

/**
 * The keepalive enforcement of gRFC A8 and A9: a ping that comes too early is a strike, HEADERS or DATA from the server
 * take all strikes back, and the third is one too many. The first ping of a connection is free.
 *
 * A ping may come early by a tenth of the interval, by at most one second: a client that pings exactly as often as it may is
 * seen to ping too early whenever a ping was delayed more than the next one.
 */
export function createPingJudge({ minPingIntervalMs, permitPingsWithoutCalls }: PingAllowance): PingJudge {
  let lastMs = Number.NEGATIVE_INFINITY;
  let strikes = 0;
  return ({ nowMs, hasCalls, hasSent }) => {
    const intervalMs = hasCalls || permitPingsWithoutCalls ? minPingIntervalMs : intervalWithoutCallsMs;
    const isEarly = nowMs - lastMs < intervalMs - Math.min(intervalMs / 10, 1000);
    lastMs = nowMs;
    if (hasSent) {
      strikes = 0;
    } else if (isEarly) {
      strikes += 1;
    }
    return strikes > maxStrikes ? "too_many_pings" : "permitted";
  };
}
