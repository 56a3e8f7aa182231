// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";

/** What a signal does to a server. */
export interface Terminable {
  /** Drains; the first signal asks for it. */
  drain(signal: TerminationSignal): Promise<unknown>;
  /** Ends a drain at once; the second signal asks for it. */
  force(): void;
}

/** The signals that drain. */
export type TerminationSignal = (typeof signals)[number];

const signals = ["SIGTERM", "SIGINT"] as const;

// One for the process: it ends when all of its servers have drained, not when the first has.
const terminables = new Set<Terminable>();
let ending: Promise<void> | undefined;

/** How long a second signal still waits. */
const forcedExitMs = 1000;

/** Lets SIGTERM and SIGINT drain a server, and then end the process. Answers with what takes that back. */
export function drainOnSignals(terminable: Terminable): () => void {
  if (terminables.size === 0) {
    for (const signal of signals) {
      process.on(signal, onSignal);
    }
  }
  terminables.add(terminable);
  return () => {
    terminables.delete(terminable);
    if (terminables.size === 0 && ending === undefined) {
      for (const signal of signals) {
        process.off(signal, onSignal);
      }
    }
  };
}

function onSignal(signal: NodeJS.Signals): void {
  if (ending === undefined) {
    ending = end(signal as TerminationSignal);
    return;
  }
  // As a shell reports a process that a signal has ended.
  process.exitCode = 128 + constants.signals[signal];
  for (const terminable of terminables) {
    terminable.force();
  }
  // Whatever else the process waits for has had its chance.
  setTimeout(() => process.exit(), forcedExitMs).unref();
}

async function end(signal: TerminationSignal): Promise<void> {
  const results = await Promise.allSettled([...terminables].map((terminable) => terminable.drain(signal)));
  for (const result of results) {
    if (result.status === "rejected") {
      process.exitCode = 1;
      process.emitWarning(`a server failed to close: ${result.reason}`, { code: "TALARIA_SERVER" });
    }
  }
  process.exit();
}
