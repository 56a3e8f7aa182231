// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { DrainReport } from "@talaria/runtime/server";
import type { ServerMessage, ServerRequest, ServerSettings } from "./server-main.ts";

/** A server in a process of its own. Disposing of it kills it. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Listens on this port, 0 for any, and answers with it. */
  ready(port: number): Promise<number>;
  /** How many calls have reached a handler. */
  served(): Promise<number>;
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  readonly gone: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** The kinds of events so far, in order. */
  readonly events: readonly string[];
  /** What the last event said about the drain. */
  readonly report: DrainReport | undefined;
}

/** Starts a process that has loaded everything, and does not listen yet. */
export async function startServerProcess(settings: ServerSettings): Promise<ServerProcess> {
  const child = fork(new URL("./server-main.ts", import.meta.url), [JSON.stringify(settings)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const gone = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const events: string[] = [];
  let report: DrainReport | undefined;
  child.on("message", (message: ServerMessage) => {
    if (message.kind === "event") {
      events.push(message.event.kind);
      report = message.event.kind === "closed" ? message.event.report : report;
    }
  });
  await answer(child, "loaded");
  const ask = async (request: ServerRequest, kind: "listening" | "served"): Promise<number> => {
    const answered = answer(child, kind);
    child.send(request);
    return (await answered).value;
  };
  return {
    pid: child.pid ?? 0,
    ready: (port) => ask({ kind: "ready", port }, "listening"),
    served: () => ask({ kind: "served" }, "served"),
    signal: (signal) => void child.kill(signal),
    gone,
    events,
    get report() {
      return report;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
      }
      await gone;
    },
  };
}

type Said<K extends ServerMessage["kind"]> = Extract<ServerMessage, { readonly kind: K }>;

function answer<K extends ServerMessage["kind"]>(child: ChildProcess, kind: K): Promise<Said<K>> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`the server process ended before it said ${kind}`));
    const onMessage = (message: ServerMessage): void => {
      if (message.kind === kind) {
        child.off("message", onMessage);
        child.off("exit", onExit);
        resolve(message as Said<K>);
      }
    };
    child.on("message", onMessage);
    child.once("exit", onExit);
  });
}
