// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from "@connectrpc/connect";
import { kindOf } from "./check-fields.ts";

/**
 * What a caller without types gets wrong in the options of a call, and what would throw, or mean something else, once the call is
 * under way; nothing when they can be used. It is asked for every call, and looks at no more than kinds: names are not checked.
 */
export function unusableOption(options: CallOptions): string | undefined {
  if (typeof options !== "object" || options === null) {
    return `options that are ${kindOf(options)}; write an object, e.g. { timeoutMs: 500 }`;
  }
  const { signal, timeoutMs, headers, contextValues, onHeader, onTrailer } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    return "a signal that is no AbortSignal";
  }
  if (!isKind("number", timeoutMs)) {
    return `a timeoutMs that is ${kindOf(timeoutMs)}; write a number of milliseconds`;
  }
  if (headers !== undefined && (typeof headers !== "object" || headers === null)) {
    return `headers that are ${kindOf(headers)}; write an object, e.g. { "x-tenant": "acme" }`;
  }
  if (contextValues !== undefined && contextValues !== null && typeof contextValues.get !== "function") {
    return `contextValues that are ${kindOf(contextValues)}; write createContextValues()`;
  }
  if (!isKind("function", onHeader)) {
    return `an onHeader that is ${kindOf(onHeader)}; write a function`;
  }
  return isKind("function", onTrailer) ? undefined : `an onTrailer that is ${kindOf(onTrailer)}; write a function`;
}

/** Of a kind, or left out. */
function isKind(kind: "number" | "function", value: unknown): boolean {
  return value === undefined || value === null || typeof value === kind;
}
