// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import type { Address, Answer } from "./answer.ts";
import type { NameSubscriber } from "./name-poller.ts";
import { NamePollers } from "./name-pollers.ts";

const policy = { minTtlMs: 1000, maxTtlMs: 30_000, failureBackoffInitialMs: 1000, failureBackoffMaxMs: 8000 };
const query = { kind: "host", name: "orders.shop", server: undefined } as const;

/** Pollers whose lookups the test answers: with addresses and seconds, or with an error. */
function setUp(draw = 0.5) {
  const clock = new VirtualClock();
  const lookups: { atMs: number; before: readonly Address[] | undefined }[] = [];
  let next: Error | readonly [addresses: string[], ttlSeconds: number] = [["10.0.0.1"], 5];
  let tookMs = 0;
  const lookup = async (_: unknown, before: Answer | undefined): Promise<Answer> => {
    lookups.push({ atMs: clock.nowMs(), before: before?.addresses });
    const answer = next;
    if (tookMs > 0) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, tookMs));
    }
    if (answer instanceof Error) {
      throw answer;
    }
    return { addresses: answer[0].map((host) => ({ host })), ttlMs: answer[1] * 1000 };
  };
  const pollers = new NamePollers({ clock, lookup, random: () => draw });
  return {
    clock,
    lookups,
    pollers,
    answer: (value: typeof next, ms = 0) => {
      next = value;
      tookMs = ms;
    },
    subscribe: (own: Partial<NameSubscriber["policy"]> = {}) => {
      const heard: string[] = [];
      const unsubscribe = pollers.subscribe(query, {
        policy: { ...policy, ...own },
        onAddresses: (addresses) => heard.push(addresses.map(({ host }) => host).join(" ")),
        onFailure: ({ message }) => heard.push(message),
      });
      return { heard, unsubscribe };
    },
    times: () => lookups.map(({ atMs }) => Math.round(atMs)),
  };
}

describe("NamePoller", () => {
  test("looks up again when the time to live is over", async () => {
    const { clock, answer, subscribe, times } = setUp();
    const { heard } = subscribe();
    await clock.advanceAsync(4999);
    expect(times()).toEqual([0]);
    answer([["10.0.0.1", "10.0.0.2"], 60]);
    await clock.advanceAsync(1);
    expect(times()).toEqual([0, 5000]);
    await clock.advanceAsync(30_000);
    expect(times()).toEqual([0, 5000, 35_000]);
    expect(heard).toEqual(["10.0.0.1", "10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2"]);
  });

  test.each([
    [0, 4500],
    [0.999999999, 5500],
  ])("varies the wait by 10 %%: a draw of %d makes 5 s %i ms", async (draw, atMs) => {
    const { clock, subscribe, times } = setUp(draw);
    subscribe();
    await clock.advanceAsync(6000);
    expect(times()).toEqual([0, atMs]);
  });

  test("makes one lookup a time to live for 50 subscribers, whenever they come", async () => {
    const { clock, subscribe, times } = setUp();
    const all = [];
    for (let index = 0; index < 50; index += 1) {
      all.push(subscribe());
      await clock.advanceAsync(100);
    }
    await clock.advanceAsync(5000);
    expect(times()).toEqual([0, 5000, 10_000]);
    expect(all.every(({ heard }) => heard.length >= 2)).toBe(true);
  });

  test("has one lookup at a time, however long it takes", async () => {
    const { clock, answer, subscribe, times } = setUp();
    answer([["10.0.0.1"], 1], 4000);
    subscribe();
    await clock.advanceAsync(3000);
    const late = subscribe();
    expect(times()).toEqual([0]);
    await clock.advanceAsync(1000);
    expect(late.heard).toEqual(["10.0.0.1"]);
    await clock.advanceAsync(1000);
    expect(times()).toEqual([0, 5000]);
  });

  test("never tells synchronously, and tells late comers what is known", async () => {
    const { clock, subscribe } = setUp();
    subscribe();
    await clock.advanceAsync(0);
    const late = subscribe();
    expect(late.heard).toEqual([]);
    await clock.advanceAsync(0);
    expect(late.heard).toEqual(["10.0.0.1"]);
  });

  test("tells nothing to one who left", async () => {
    const { clock, subscribe } = setUp();
    const first = subscribe();
    first.unsubscribe();
    await clock.advanceAsync(0);
    const second = subscribe();
    second.unsubscribe();
    await clock.advanceAsync(10_000);
    expect([...first.heard, ...second.heard]).toEqual([]);
  });

  test("backs off from failures, keeps what it knew, and starts over after an answer", async () => {
    const { clock, answer, subscribe, lookups, times } = setUp();
    const { heard } = subscribe();
    await clock.advanceAsync(0);
    answer(new Error("SERVFAIL"));
    await clock.advanceAsync(5000 + 1000 + 2000 + 4000 + 8000 + 8000);
    expect(times()).toEqual([0, 5000, 6000, 8000, 12_000, 20_000, 28_000]);
    expect(lookups.at(-1)?.before).toEqual([{ host: "10.0.0.1" }]);
    const late = subscribe();
    await clock.advanceAsync(0);
    expect(late.heard).toEqual(["10.0.0.1", "SERVFAIL"]);
    answer([["10.0.0.2"], 5]);
    await clock.advanceAsync(8000);
    expect(heard.at(-1)).toBe("10.0.0.2");
    answer(new Error("SERVFAIL"));
    await clock.advanceAsync(5000 + 1000);
    expect(times().slice(-3)).toEqual([36_000, 41_000, 42_000]);
  });

  test("goes by the most impatient subscriber", async () => {
    const { clock, answer, subscribe, times } = setUp();
    answer([["10.0.0.1"], 60]);
    subscribe();
    await clock.advanceAsync(1000);
    const impatient = subscribe({ maxTtlMs: 2000 });
    await clock.advanceAsync(3000);
    expect(times()).toEqual([0, 2000, 4000]);
    impatient.unsubscribe();
    await clock.advanceAsync(2000 + 30_000);
    expect(times()).toEqual([0, 2000, 4000, 6000, 36_000]);
  });

  test("without subscribers it does not look up, remembers for the time to live, and is then forgotten", async () => {
    const { clock, pollers, subscribe, times } = setUp();
    for (let index = 0; index < 9; index += 1) {
      const { unsubscribe } = subscribe();
      await clock.advanceAsync(500);
      unsubscribe();
    }
    expect(times()).toEqual([0]);
    expect(pollers.size).toBe(1);
    await clock.advanceAsync(500);
    expect(pollers.size).toBe(0);
    await clock.advanceAsync(60_000);
    expect(times()).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("asks anew who comes back later", async () => {
    const { clock, subscribe, times } = setUp();
    subscribe().unsubscribe();
    await clock.advanceAsync(20_000);
    const { heard } = subscribe();
    await clock.advanceAsync(0);
    expect(times()).toEqual([0, 20_000]);
    expect(heard).toEqual(["10.0.0.1"]);
  });
});
