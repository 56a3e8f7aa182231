// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { startAdmin } from "./admin.ts";
import { createConnections } from "./connections.ts";
import { createEventSink, type DrainReport, type DrainTrigger } from "./events.ts";
import { createHealth, type HealthState } from "./health.ts";
import type { RunningServer, ServeOptions } from "./serve-options.ts";
import { type Listener, startLife } from "./server-life.ts";
import type { ServerTerms } from "./server-terms.ts";
import { drainOnSignals } from "./signals.ts";

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
  const connections = createConnections(terms, {
    onTooManyPings: (peer) => emit({ kind: "too_many_pings", peer, minPingIntervalMs: terms.minPingIntervalMs }),
  });
  const listener = createListener({ health, draining: draining.signal });
  const life = startLife({ terms, health, connections, listener, draining, onClosed: options.onClosed, emit });

  const cleanUps: (() => void)[] = [];
  const drain = async (trigger: DrainTrigger): Promise<DrainReport> => {
    try {
      return await life.drain(trigger);
    } finally {
      for (const cleanUp of cleanUps.splice(0)) {
        cleanUp();
      }
    }
  };
  const admin =
    options.admin === undefined
      ? undefined
      : await startAdmin(options.admin, { status: life.status, drain: () => drain("admin") });
  cleanUps.push(() => admin?.close());
  if (options.signals !== false) {
    cleanUps.push(drainOnSignals({ drain, force: life.force }));
  }
  return {
    get state() {
      return life.state;
    },
    health,
    adminPort: admin?.port,
    draining: draining.signal,
    ready: () => life.listen() ?? Promise.reject(new ConnectError("the server is draining", Code.FailedPrecondition)),
    drain: () => drain("call"),
    close() {
      life.force();
      return drain("call");
    },
    [Symbol.asyncDispose]: async () => void (await drain("call")),
  };
}
