// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "./connection.ts";
import type { ServerTerms } from "./server-terms.ts";

/** How long connections live, and how often the server makes sure of them: a part of {@link ServerTerms}. */
export type LifeTerms = Pick<
  ServerTerms,
  "maxAgeMs" | "maxAgeGraceMs" | "maxIdleMs" | "keepaliveTimeMs" | "keepaliveTimeoutMs"
>;

/** The timers of one connection. None of them keeps the process alive. */
export interface ConnectionLife {
  onIdleChange(isIdle: boolean): void;
  end(): void;
}

/**
 * Starts to keep the terms of gRFC A9 for a connection: it is asked to leave at its maximum age, varied by ±10 % so that not
 * all do at once, and cut off when its calls outlast the grace; it is asked to leave when it had no call for too long; and it
 * is cut off when it answers no ping.
 */
export function startConnectionLife(connection: Connection, terms: LifeTerms, random: () => number): ConnectionLife {
  const { session } = connection;
  const timers = new Set<NodeJS.Timeout>();
  const after = (delayMs: number, task: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, delayMs).unref();
    timers.add(timer);
    return timer;
  };
  const cancel = (timer: NodeJS.Timeout | undefined): void => {
    clearTimeout(timer);
    if (timer !== undefined) {
      timers.delete(timer);
    }
  };
  const isGone = (): boolean => session.destroyed;

  const ping = (): void => {
    if (isGone()) {
      return;
    }
    const unanswered = after(terms.keepaliveTimeoutMs, () => connection.cut());
    session.ping((error) => {
      cancel(unanswered);
      if (error === null && !isGone()) {
        after(terms.keepaliveTimeMs, ping);
      }
    });
  };
  let idle: NodeJS.Timeout | undefined;
  const onIdleChange = (isIdle: boolean): void => {
    cancel(idle);
    idle =
      isIdle && terms.maxIdleMs !== undefined ? after(terms.maxIdleMs, () => connection.leave("max_idle")) : undefined;
  };

  after(terms.maxAgeMs * (0.9 + 0.2 * random()), () => {
    connection.leave("max_age");
    after(terms.maxAgeGraceMs, () => connection.cut());
  });
  after(terms.keepaliveTimeMs, ping);
  onIdleChange(true);
  return {
    onIdleChange,
    end() {
      for (const timer of timers) {
        clearTimeout(timer);
      }
      timers.clear();
    },
  };
}
