// SPDX-License-Identifier: Apache-2.0
import { type Check, kindOf, listOf, optional } from "../check-fields.ts";

const hopByHop = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/** Names of headers that can be passed on. */
export const headerNamesCheck: Check = optional(listOf("names of headers", headerProblem));

function headerProblem(name: unknown): string | undefined {
  if (typeof name !== "string" || !/^[a-z0-9_.-]+$/.test(name)) {
    return `must be the lower-case name of a header, not ${typeof name === "string" ? JSON.stringify(name) : kindOf(name)}`;
  }
  const problem = unsuitability(name);
  return problem && `is "${name}", which cannot be passed on: ${problem}`;
}

function unsuitability(name: string): string | undefined {
  if (name === "authorization" || name === "cookie") {
    return "credentials belong to one hop; give the client a credentials provider";
  }
  if (name === "traceparent" || name === "tracestate" || name === "baggage") {
    return "trace context is passed on by OpenTelemetry";
  }
  return name.startsWith("grpc-") || hopByHop.has(name) ? "it belongs to the protocol" : undefined;
}
