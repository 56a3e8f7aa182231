// SPDX-License-Identifier: Apache-2.0
import type { Connections, Load } from "./connections.ts";
import { drain } from "./drain.ts";
import type { DrainReport, DrainTrigger, ServerStep } from "./events.ts";
import type { HealthState } from "./health.ts";
import type { ServeOptions, ServerState } from "./serve-options.ts";
import type { ServerTerms } from "./server-terms.ts";

/** What the kinds of server differ in. */
export interface Listener {
  /** Listens, after it has handed its HTTP/2 servers to `connections`; answers with the port. */
  listen(connections: Connections): Promise<number>;
  /** Lets go of what is left when no connection is. */
  release(): void;
}

/** What a life is made of. */
export interface LifeParts {
  readonly terms: ServerTerms;
  readonly health: HealthState;
  readonly connections: Connections;
  readonly listener: Listener;
  readonly draining: AbortController;
  readonly onClosed: ServeOptions["onClosed"];
  emit(step: ServerStep): void;
}

/** The one way of a server from its start to its end. */
export interface ServerLife {
  readonly state: ServerState;
  /** What probes are told. */
  status(): { readonly state: ServerState; readonly ready: boolean } & Load;
  /** Listens, once, and says SERVING; undefined when the server drains already. */
  listen(): Promise<number> | undefined;
  /** Drains, once. */
  drain(trigger: DrainTrigger): Promise<DrainReport>;
  /** Lets a drain wait for nothing any longer, now and later. */
  force(): void;
}

/** Starts the life of a server that does not listen yet. */
export function startLife({ terms, health, connections, listener, draining, onClosed, emit }: LifeParts): ServerLife {
  const force = new AbortController();
  let state: ServerState = "starting";
  let listening: Promise<number> | undefined;
  let drained: Promise<DrainReport> | undefined;

  const listen = async (): Promise<number> => {
    const port = await listener.listen(connections);
    if (drained === undefined) {
      state = "serving";
      health.open();
      emit({ kind: "serving", port });
    }
    return port;
  };
  const drainNow = async (trigger: DrainTrigger): Promise<DrainReport> => {
    const isServing = state === "serving";
    state = "draining";
    // A server that is about to listen can leave only after it does.
    await listening?.catch(() => {});
    const report = await drain({ terms, health, connections, isServing, draining, force: force.signal, emit }, trigger);
    listener.release();
    try {
      await onClosed?.();
    } finally {
      state = "closed";
      emit({ kind: "closed", report });
    }
    return report;
  };
  return {
    get state() {
      return state;
    },
    status: () => ({ state, ready: health.get("") === "SERVING", ...connections.load() }),
    listen() {
      if (drained === undefined) {
        listening ??= listen();
        return listening;
      }
      return undefined;
    },
    drain(trigger) {
      drained ??= drainNow(trigger);
      return drained;
    },
    force: () => force.abort(),
  };
}
