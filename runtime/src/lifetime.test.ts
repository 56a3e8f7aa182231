// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from "vitest";
import { ClientLifetime } from "./lifetime.ts";

/** Whether a promise has settled, when all that can happen without time has happened. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test("closing an idle client is done at once", async () => {
  const lifetime = new ClientLifetime();
  expect(lifetime.open).toBe(true);
  lifetime.enter();
  lifetime.leave();
  const closed = lifetime.close();
  expect(lifetime.open).toBe(false);
  expect(await isDone(closed)).toBe(true);
});

test("closing waits for the last call, for everyone who closes", async () => {
  const lifetime = new ClientLifetime();
  lifetime.enter();
  lifetime.enter();
  const closed = [lifetime.close(), lifetime.close()];
  lifetime.leave();
  expect(await Promise.all(closed.map(isDone))).toEqual([false, false]);
  lifetime.leave();
  expect(await Promise.all(closed.map(isDone))).toEqual([true, true]);
  expect(await isDone(lifetime.close())).toBe(true);
});

test("closing aborts the streams that run, and waits for them", async () => {
  const lifetime = new ClientLifetime();
  const over = { abort: vi.fn() };
  const running = { abort: vi.fn(() => lifetime.leave(running)) };
  const slow = { abort: vi.fn() };
  for (const stream of [over, running, slow]) {
    lifetime.enter(stream);
  }
  lifetime.leave(over);
  const closed = lifetime.close();
  expect([over, running, slow].map(({ abort }) => abort.mock.calls.length)).toEqual([0, 1, 1]);
  expect(await isDone(closed)).toBe(false);
  lifetime.leave(slow);
  expect(await isDone(closed)).toBe(true);
});
