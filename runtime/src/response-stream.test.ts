// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ResponseStream } from "./response-stream.ts";

const one = { $typeName: "one" } as Message;
const two = { $typeName: "two" } as Message;
const done = { done: true, value: undefined };

function open() {
  const told = { wanted: 0, left: 0 };
  const stream = new ResponseStream({
    onWanted: () => {
      told.wanted += 1;
    },
    onLeft: () => {
      told.left += 1;
    },
  });
  return { stream, told };
}

describe("ResponseStream", () => {
  test("gives what has arrived without asking, and asks for what has not", async () => {
    const { stream, told } = open();
    stream.push(one);
    expect(await stream.next()).toEqual({ done: false, value: one });
    expect([told.wanted, stream.wanted]).toEqual([0, false]);
    const waiting = [stream.next(), stream.next()];
    expect([told.wanted, stream.wanted]).toEqual([2, true]);
    stream.push(one);
    expect(stream.wanted).toBe(true);
    stream.push(two);
    expect(stream.wanted).toBe(false);
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: one },
      { done: false, value: two },
    ]);
  });

  test("ends after what has arrived; its first end counts", async () => {
    const { stream, told } = open();
    stream.push(one);
    stream.end("ok");
    stream.end({ error: new RangeError("late") });
    expect(await stream.next()).toEqual({ done: false, value: one });
    expect(await stream.next()).toEqual(done);
    expect(await stream.next()).toEqual(done);
    expect(await stream.return()).toEqual(done);
    expect(told).toEqual({ wanted: 0, left: 0 });
  });

  test("throws its error once, to the first who reads or waits", async () => {
    for (const early of [true, false]) {
      const { stream } = open();
      const reads = early ? [stream.next(), stream.next()] : [];
      stream.end({ error: new RangeError("mine") });
      reads.push(stream.next(), stream.next());
      const [first, ...rest] = await Promise.allSettled(reads);
      expect(first).toMatchObject({ status: "rejected", reason: { message: "mine" } });
      expect(rest.map((result) => (result.status === "fulfilled" ? result.value : "threw"))).toEqual(
        rest.map(() => done),
      );
    }
  });

  test("tells that its reader has left, once, drops what is unread, and lets those that wait go", async () => {
    const { stream, told } = open();
    const waiting = stream.next();
    expect(await stream.return()).toEqual(done);
    expect(await waiting).toEqual(done);
    expect(await stream.return()).toEqual(done);
    expect(told.left).toBe(1);
    const unread = open();
    unread.stream.push(one);
    for await (const message of unread.stream) {
      expect(message).toBe(one);
      unread.stream.push(two);
      break;
    }
    expect(await unread.stream.next()).toEqual(done);
    expect(unread.told).toEqual({ wanted: 0, left: 1 });
  });
});
