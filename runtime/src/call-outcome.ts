// SPDX-License-Identifier: Apache-2.0
import { ConnectError } from "@connectrpc/connect";
import { CallError } from "./error.ts";
import type { CallEnd } from "./observer.ts";
import { statusCodeName } from "./status-code.ts";

/** How a call ended for its caller; `left`: nobody reads its messages any more. */
export type CallOutcome = "ok" | "left" | { readonly error: unknown };

/** What observers are told of the end of a call. */
export function describeOutcome(outcome: CallOutcome): Pick<CallEnd, "code" | "reason"> {
  if (outcome === "ok") {
    return { code: "OK", reason: undefined };
  }
  if (outcome === "left") {
    return { code: "CANCELLED", reason: "cancelled" };
  }
  const { error } = outcome;
  // What is no CallError was thrown by the application's own callback.
  return error instanceof CallError
    ? { code: statusCodeName(error.code), reason: error.reason }
    : { code: statusCodeName(ConnectError.from(error).code), reason: "local" };
}
