// SPDX-License-Identifier: Apache-2.0
import { type StatusCode, statusCodes } from "@talaria/contract";

/** The gRPC name of a status code number. A number that gRPC does not define is UNKNOWN. */
export function statusCodeName(code: number): StatusCode {
  return statusCodes[code] ?? "UNKNOWN";
}

/** The number of a gRPC status code. */
export function statusCodeNumber(name: StatusCode): number {
  return statusCodes.indexOf(name);
}
