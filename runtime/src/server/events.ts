// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import type { Load } from "./connections.ts";

/** Who asked a server to drain. */
export type DrainTrigger = "SIGTERM" | "SIGINT" | "admin" | "call";

/** What a server went through when it drained. */
export interface DrainReport {
  readonly trigger: DrainTrigger;
  /** From NOT_SERVING until the last connection was closed. */
  readonly tookMs: number;
  /** What was open when the server stopped accepting connections. */
  readonly atGoAway: Load;
  /** What was cut off, because it outlasted the grace or because the drain was cut short. */
  readonly cut: Load;
}

/**
 * A step in the life of a server, in this order; `too_many_pings` may come at any time in between.
 *
 * - `serving`: it listens, and everything is SERVING.
 * - `not_serving`: it drains. Everything is NOT_SERVING, and calls are still served for `noticeMs`.
 * - `go_away`: it accepts no more connections, has asked clients to leave, and waits for calls for up to `graceMs`.
 * - `cut`: what outlasted the grace was cut off.
 * - `closed`: nothing is open any more.
 * - `too_many_pings`: a client pinged more often than the contract permits, and its connection was closed.
 */
export type ServerEvent = {
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
} & ServerStep;

/** {@link ServerEvent} without its time. */
export type ServerStep =
  | { readonly kind: "serving"; readonly port: number }
  | ({ readonly kind: "not_serving"; readonly trigger: DrainTrigger; readonly noticeMs: number } & Load)
  | ({ readonly kind: "go_away"; readonly graceMs: number } & Load)
  | ({ readonly kind: "cut" } & Load)
  | { readonly kind: "closed"; readonly report: DrainReport }
  | { readonly kind: "too_many_pings"; readonly peer: string; readonly minPingIntervalMs: number };

/** Receives the steps of a server. */
export type OnServerEvent = (event: ServerEvent) => void;

const events = channel("talaria.server");

/** Makes what publishes the steps of a server on the diagnostics channel `talaria.server`, and to one listener. */
export function createEventSink(onEvent: OnServerEvent | undefined): (step: ServerStep) => void {
  return (step) => {
    const event: ServerEvent = { atMs: Date.now(), ...step };
    events.publish(event);
    try {
      onEvent?.(event);
    } catch (error) {
      // As a diagnostics channel does: a listener that fails must not keep a server from leaving.
      process.nextTick(() => {
        throw error;
      });
    }
  };
}
