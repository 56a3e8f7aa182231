// SPDX-License-Identifier: Apache-2.0
import { status as Status, type StatusObject } from "@grpc/grpc-js";
import { classify } from "../classify.ts";

/** What the end of an attempt says about the endpoint it was made at. */
export type EndpointOutcome = "success" | "failure" | "ignored";

/**
 * Judges an endpoint by the end of an attempt. A failure is a lost connection, or one of `failureCodes`; any other answer is a
 * success, however unwelcome: a server that answers NOT_FOUND is well. A cancellation, a deadline that is no failure code, and a
 * stream that a leaving server refused say nothing.
 */
export function judgeAttempt(status: StatusObject, failureCodes: ReadonlySet<number>): EndpointOutcome {
  if (status.code === Status.OK) {
    return "success";
  }
  // Whether headers came is not known here. Where it would matter, the code decides.
  const { kind } = classify(status, { headersReceived: false, cancelled: false, timeUp: false, picked: true });
  if (kind === "unprocessed") {
    return "ignored";
  }
  if (kind === "connection_lost" || failureCodes.has(status.code)) {
    return "failure";
  }
  return status.code === Status.CANCELLED || status.code === Status.DEADLINE_EXCEEDED ? "ignored" : "success";
}
