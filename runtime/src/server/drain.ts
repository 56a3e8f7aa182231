// SPDX-License-Identifier: Apache-2.0
import type { Connections } from "./connections.ts";
import type { DrainReport, DrainTrigger, ServerStep } from "./events.ts";
import type { HealthState } from "./health.ts";
import type { ServerTerms } from "./server-terms.ts";

/** What a drain works on. */
export interface Drainable {
  readonly terms: Pick<ServerTerms, "noticeMs" | "graceMs">;
  readonly health: HealthState;
  readonly connections: Connections;
  /** Whether the server ever listened. One that did not has nobody to give notice to. */
  readonly isServing: boolean;
  /** Aborted when the grace begins. */
  readonly draining: AbortController;
  /** Aborted when nothing should be waited for any longer. */
  readonly force: AbortSignal;
  emit(step: ServerStep): void;
}

/**
 * Takes a server out of service in the only order that fails no call: NOT_SERVING, a notice during which clients learn of it
 * and are still served, GOAWAY, a grace in which calls in flight finish, and the end of what is left.
 */
export async function drain(server: Drainable, trigger: DrainTrigger): Promise<DrainReport> {
  const { connections, health, terms, force, emit } = server;
  const startedAtMs = performance.now();
  const noticeMs = server.isServing ? terms.noticeMs : 0;
  health.close();
  emit({ kind: "not_serving", trigger, noticeMs, ...connections.load() });
  await elapse(noticeMs, force);

  const atGoAway = connections.load();
  emit({ kind: "go_away", graceMs: terms.graceMs, ...atGoAway });
  connections.leave();
  health.end();
  server.draining.abort(new Error("the server is draining"));

  const grace = new AbortController();
  const outcome = await Promise.race([
    connections.empty.then(() => "empty"),
    elapse(terms.graceMs, AbortSignal.any([force, grace.signal])).then(() => "grace_over"),
  ]);
  grace.abort();
  const cut = outcome === "empty" ? { connections: 0, calls: 0 } : connections.cut();
  if (outcome !== "empty") {
    emit({ kind: "cut", ...cut });
    await connections.empty;
  }
  const report: DrainReport = { trigger, tookMs: performance.now() - startedAtMs, atGoAway, cut };
  return report;
}

/** Waits, but not beyond the signal. */
function elapse(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || delayMs === 0) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}
