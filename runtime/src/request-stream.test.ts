// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { RequestStream } from "./request-stream.ts";
import type { PreparedMessage } from "./wire.ts";

/** Messages of these sizes, and whether the iterable was closed. */
function open(...sizes: number[]) {
  const messages: readonly PreparedMessage[] = sizes.map((byteLength) => ({ byteLength }));
  const state = { pulled: 0, closed: false };
  async function* source(): AsyncGenerator<PreparedMessage> {
    try {
      for (const message of messages) {
        state.pulled += 1;
        yield message;
      }
    } finally {
      state.closed = true;
    }
  }
  return { stream: new RequestStream(source()), messages, state };
}

const half = 512 * 1024;

describe("RequestStream", () => {
  test("gives each message to every attempt, and asks the application for it once", async () => {
    const { stream, messages, state } = open(1, 2);
    expect(state.pulled).toBe(0);
    // Two attempts wait for the same message.
    expect(await Promise.all([stream.at(0), stream.at(0)])).toEqual([messages[0], messages[0]]);
    expect(state.pulled).toBe(1);
    expect(await stream.at(1)).toBe(messages[1]);
    expect(await stream.at(2)).toBeUndefined();
    expect(await Promise.all([stream.at(0), stream.at(1), stream.at(2)])).toEqual([...messages, undefined]);
    expect(stream.kept).toBe(true);
  });

  test("keeps 1 MiB, and says when it is more", async () => {
    const { stream } = open(half, half, 1);
    await stream.at(1);
    expect([stream.overflows, stream.kept]).toEqual([false, true]);
    await stream.at(2);
    expect([stream.overflows, stream.kept]).toEqual([true, true]);
    stream.stopKeeping();
    expect([stream.overflows, stream.kept]).toEqual([false, false]);
  });

  test("lets go of what was read, once nothing is kept for others", async () => {
    const { stream, messages } = open(half, half, half, half);
    await stream.at(1);
    stream.stopKeeping();
    expect(await stream.at(2)).toBe(messages[2]);
    expect(await stream.at(3)).toBe(messages[3]);
    expect(await stream.at(4)).toBeUndefined();
    expect(stream.overflows).toBe(false);
  });

  test("closes the iterable of the application, and gives nothing more", async () => {
    const { stream, state } = open(1, 2);
    await stream.at(0);
    stream.close();
    expect(await stream.at(1)).toBeUndefined();
    expect(state).toEqual({ pulled: 1, closed: true });
  });

  test("passes on what the application throws, to all who wait, and at its own end nothing", async () => {
    async function* broken(): AsyncGenerator<PreparedMessage> {
      yield { byteLength: 1 };
      throw new RangeError("mine");
    }
    const stream = new RequestStream(broken());
    await stream.at(0);
    const waiting = [stream.at(1), stream.at(1)];
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: "rejected", reason: { message: "mine" } });
    }
    const unclosable = new RequestStream({
      next: () => new Promise(() => undefined),
      return: () => Promise.reject(new RangeError("not now")),
    });
    unclosable.close();
    expect(await unclosable.at(0)).toBeUndefined();
    new RequestStream({ next: () => new Promise(() => undefined) }).close();
  });
});
