// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import type { ServerUnaryCall } from "@grpc/grpc-js";

/** What a server has seen of one method. */
export interface Tally {
  /** How many requests came. */
  attempts: number;
  /** How many of them said that they repeat an earlier one. */
  retries: number;
  /** How many ended before the server was done, because the caller left or the deadline passed. */
  cut: number;
  /** How much time the latest request gave the server, in milliseconds. Absent when it had no deadline. */
  deadlineMs?: number;
}

/** The tallies of a server, by name of the method. */
export type Ledger = Record<string, Tally>;

/** What a server has seen of a method that nobody called. */
export const emptyTally: Readonly<Tally> = { attempts: 0, retries: 0, cut: 0 };

/** A call of any kind, as the server sees it. */
type IncomingCall = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getDeadline"> & EventEmitter;

/** Enters a request into the ledger, and answers with the tally of its method. */
export function enter(ledger: Ledger, method: string, call: IncomingCall): Tally {
  const tally = ledger[method] ?? { ...emptyTally };
  ledger[method] = tally;
  tally.attempts += 1;
  if (call.metadata.get("grpc-previous-rpc-attempts").length > 0) {
    tally.retries += 1;
  }
  const deadlineMs = Number(call.getDeadline()) - Date.now();
  if (Number.isFinite(deadlineMs)) {
    tally.deadlineMs = deadlineMs;
  }
  call.once("cancelled", () => {
    tally.cut += 1;
  });
  return tally;
}
