// SPDX-License-Identifier: Apache-2.0
import { Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { classify } from "./classify.ts";

const onTheWay = { headersReceived: false, cancelled: false, timeUp: false, picked: true };

/** A status as grpc-js makes it up. */
function local(code: Status, details: string): StatusObject {
  return { code, details, metadata: new Metadata() };
}

/** A status as it arrives from a server, trailers only. */
function fromServer(code: Status, details: string): StatusObject {
  const metadata = new Metadata();
  metadata.set("content-type", "application/grpc+proto");
  return { code, details, metadata };
}

describe("classify()", () => {
  test.each([
    [Status.UNAVAILABLE, "Connection dropped"],
    [Status.UNAVAILABLE, "read ECONNRESET"],
    [Status.INTERNAL, "Received RST_STREAM with code 0 (Call ended without gRPC status)"],
    [Status.INTERNAL, "Received RST_STREAM with code 2 (Internal server error)"],
    [Status.CANCELLED, "Call cancelled"],
    [Status.RESOURCE_EXHAUSTED, "Bandwidth exhausted or memory limit exceeded"],
  ])("takes %i %s for a lost connection, unless the server said it", (code, details) => {
    expect(classify(local(code, details), onTheWay)).toEqual({ kind: "connection_lost", code: Status.UNAVAILABLE });
    expect(classify(fromServer(code, details), onTheWay)).toEqual({ kind: "server", code });
  });

  test.each([
    ["no backend was picked", local(Status.UNAVAILABLE, "No connection established"), { ...onTheWay, picked: false }],
    ["the server refused the stream", local(Status.UNAVAILABLE, "Stream refused by server"), onTheWay],
  ])("knows that the request was not processed when %s", (_, status, facts) => {
    expect(classify(status, facts)).toEqual({ kind: "unprocessed", code: Status.UNAVAILABLE });
  });

  test.each(["The session has been destroyed", "New streams cannot be created after receiving a GOAWAY"])(
    "knows that a request never left: %s",
    (why) => {
      const details = `Received RST_STREAM with code 2 triggered by internal client error: ${why}`;
      const status = local(Status.INTERNAL, details);
      expect(classify(status, onTheWay)).toEqual({ kind: "unprocessed", code: Status.UNAVAILABLE });
      // A server may pass on what its own client told it.
      const said = fromServer(Status.INTERNAL, details);
      expect(classify(said, onTheWay)).toEqual({ kind: "server", code: Status.INTERNAL });
    },
  );

  test("takes a stream that was reset when its time was over for one that ran out of time", () => {
    const reset = local(Status.CANCELLED, "Call cancelled");
    const timeout = { kind: "timeout", code: Status.DEADLINE_EXCEEDED };
    expect(classify(reset, { ...onTheWay, timeUp: true })).toEqual(timeout);
    expect(classify(reset, { ...onTheWay, timeUp: true, headersReceived: true })).toEqual(timeout);
    const said = fromServer(Status.CANCELLED, "Call cancelled");
    expect(classify(said, { ...onTheWay, timeUp: true })).toEqual({ kind: "server", code: Status.CANCELLED });
  });

  test("tells our own timer and cancel from the server's word", () => {
    const expired = local(Status.DEADLINE_EXCEEDED, "Deadline exceeded after 0.3s");
    expect(classify(expired, { ...onTheWay, timeUp: true })).toEqual({
      kind: "timeout",
      code: Status.DEADLINE_EXCEEDED,
    });
    const early = fromServer(Status.DEADLINE_EXCEEDED, "my database was slow");
    expect(classify(early, onTheWay)).toEqual({ kind: "server", code: Status.DEADLINE_EXCEEDED });
    const cancelled = local(Status.CANCELLED, "cancelled by the caller");
    expect(classify(cancelled, { ...onTheWay, cancelled: true })).toEqual({
      kind: "cancelled",
      code: Status.CANCELLED,
    });
  });

  test("leaves what failed on this side alone", () => {
    const tooLarge = local(Status.RESOURCE_EXHAUSTED, "Received message larger than max (5000000 vs 4194304)");
    expect(classify(tooLarge, onTheWay)).toEqual({ kind: "local", code: Status.RESOURCE_EXHAUSTED });
  });
});
