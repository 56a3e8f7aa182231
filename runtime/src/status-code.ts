// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";

/** The names of the gRPC status codes; the position of a name is its number, on the wire and in Connect's `Code`. */
const statusCodeNames = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const satisfies readonly StatusCode[];

/** The gRPC name of a status code number. A number that gRPC does not define is UNKNOWN. */
export function statusCodeName(code: number): StatusCode {
  return statusCodeNames[code] ?? "UNKNOWN";
}

/** The number of a gRPC status code. */
export function statusCodeNumber(name: StatusCode): number {
  return statusCodeNames.indexOf(name);
}
