// SPDX-License-Identifier: Apache-2.0
import { Metadata, status as Status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { judgeAttempt } from "./judge-attempt.ts";

const codes = new Set([Status.UNAVAILABLE, Status.INTERNAL, Status.DEADLINE_EXCEEDED]);

/** What a server sends carries at least a content type, when no headers came before. */
function fromServer(code: Status) {
  const metadata = new Metadata();
  metadata.set("content-type", "application/grpc");
  return { code, details: "", metadata };
}

function local(code: Status, details: string) {
  return { code, details, metadata: new Metadata() };
}

describe("judgeAttempt()", () => {
  test.each([
    ["success", fromServer(Status.OK)],
    ["success", fromServer(Status.NOT_FOUND)],
    ["success", fromServer(Status.UNKNOWN)],
    ["success", local(Status.NOT_FOUND, "after headers, with empty trailers")],
    ["failure", fromServer(Status.UNAVAILABLE)],
    ["failure", fromServer(Status.INTERNAL)],
    ["failure", local(Status.INTERNAL, "after headers, with empty trailers")],
    ["failure", local(Status.UNAVAILABLE, "Connection dropped")],
    ["failure", local(Status.DEADLINE_EXCEEDED, "Deadline exceeded after 1.000s")],
    ["ignored", fromServer(Status.CANCELLED)],
    ["ignored", local(Status.CANCELLED, "cancelled by the caller")],
    ["ignored", local(Status.UNAVAILABLE, "Stream refused by server")],
  ])("%s: %j", (outcome, status) => {
    expect(judgeAttempt(status, codes)).toBe(outcome);
  });

  test.each([
    ["failure", local(Status.UNAVAILABLE, "Connection dropped")],
    ["failure", local(Status.CANCELLED, "Call cancelled")],
    ["failure", local(Status.INTERNAL, "Received RST_STREAM with code 0 (Call ended without gRPC status)")],
    ["failure", local(Status.RESOURCE_EXHAUSTED, "Bandwidth exhausted or memory limit exceeded")],
    ["ignored", local(Status.DEADLINE_EXCEEDED, "Deadline exceeded after 1.000s")],
    ["success", fromServer(Status.INTERNAL)],
  ])("a lost connection is a failure without being listed; %s: %j", (outcome, status) => {
    expect(judgeAttempt(status, new Set())).toBe(outcome);
  });
});
