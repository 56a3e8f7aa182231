// SPDX-License-Identifier: Apache-2.0
import { Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { classify, type EndingAttempt, noteEnd } from "./classify.ts";

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

describe("noteEnd()", () => {
  function ending(peer: string | undefined): EndingAttempt & { asked: number } {
    return {
      kind: "local",
      code: Status.INTERNAL,
      asked: 0,
      get peer() {
        this.asked += 1;
        return peer;
      },
    };
  }

  test("of success looks at nothing else", () => {
    const attempt = ending("127.0.0.1:1");
    noteEnd(attempt, local(Status.OK, ""), true, true, 0);
    expect(attempt).toMatchObject({ kind: "server", code: Status.OK, asked: 0 });
  });

  test.each([
    ["had no backend", undefined, false, false, undefined, "unprocessed", Status.UNAVAILABLE],
    ["lost its connection", "127.0.0.1:1", false, false, undefined, "connection_lost", Status.UNAVAILABLE],
    ["was cancelled", "127.0.0.1:1", false, true, undefined, "cancelled", Status.CANCELLED],
  ] as const)("of an attempt that %s says so", (_, peer, headersReceived, cancelled, endsAtMs, kind, code) => {
    const attempt = ending(peer);
    noteEnd(attempt, local(Status.UNAVAILABLE, "read ECONNRESET"), headersReceived, cancelled, endsAtMs);
    expect(attempt).toMatchObject({ kind, code });
  });

  test("tells by the clock whose time it was that ran out", () => {
    const reset = local(Status.CANCELLED, "Call cancelled");
    const [late, early] = [ending("127.0.0.1:1"), ending("127.0.0.1:1")];
    noteEnd(late, reset, false, false, performance.now());
    noteEnd(early, reset, false, false, performance.now() + 60_000);
    expect([late.kind, early.kind]).toEqual(["timeout", "connection_lost"]);
  });
});
