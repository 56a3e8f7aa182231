// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { type Admin, startAdmin } from "./admin.ts";
import { type Connections, createConnections } from "./connections.ts";
import { drain } from "./drain.ts";
import { createEventSink, type DrainReport, type DrainTrigger } from "./events.ts";
import { createHealth, type HealthState } from "./health.ts";
import type { RunningServer, ServeOptions, ServerState } from "./serve-options.ts";
import type { ServerTerms } from "./server-terms.ts";
import { drainOnSignals } from "./signals.ts";

/** What the kinds of server differ in. */
export interface Listener {
  /** Listens, after it has handed its HTTP/2 servers to `connections`; answers with the port. */
  listen(connections: Connections): Promise<number>;
  /** Lets go of what is left when no connection is. */
  release(): void;
}

/** What a listener is made with. */
export interface ListenerParts {
  readonly health: HealthState;
  readonly draining: AbortSignal;
}

/** Runs a server by its terms, from the start to the end. */
export async function runServer(
  options: ServeOptions,
  terms: ServerTerms,
  createListener: (parts: ListenerParts) => Listener,
): Promise<RunningServer> {
  const emit = createEventSink(options.onEvent);
  const health = createHealth(terms.healthNames);
  const draining = new AbortController();
  const force = new AbortController();
  const connections = createConnections(terms, {
    onTooManyPings: (peer) => emit({ kind: "too_many_pings", peer, minPingIntervalMs: terms.minPingIntervalMs }),
  });
  const listener = createListener({ health, draining: draining.signal });
  let state: ServerState = "starting";
  let listening: Promise<number> | undefined;
  let drained: Promise<DrainReport> | undefined;
  let admin: Admin | undefined;
  let forgetSignals = (): void => {};

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
      await options.onClosed?.();
    } finally {
      state = "closed";
      emit({ kind: "closed", report });
      forgetSignals();
      admin?.close();
    }
    return report;
  };
  const drainOnce = (trigger: DrainTrigger): Promise<DrainReport> => {
    drained ??= drainNow(trigger);
    return drained;
  };
  if (options.admin !== undefined) {
    admin = await startAdmin(options.admin, {
      status: () => ({ state, ready: health.get("") === "SERVING", ...connections.load() }),
      drain: () => drainOnce("admin"),
    });
  }
  if (options.signals !== false) {
    forgetSignals = drainOnSignals({ drain: drainOnce, force: () => force.abort() });
  }
  return {
    get state() {
      return state;
    },
    health,
    adminPort: admin?.port,
    draining: draining.signal,
    ready() {
      if (drained !== undefined) {
        return Promise.reject(new ConnectError("the server is draining", Code.FailedPrecondition));
      }
      listening ??= listen();
      return listening;
    },
    drain: () => drainOnce("call"),
    close() {
      force.abort();
      return drainOnce("call");
    },
    [Symbol.asyncDispose]: async () => {
      await drainOnce("call");
    },
  };
}
