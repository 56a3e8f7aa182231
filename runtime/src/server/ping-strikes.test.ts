// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createPingJudge, type PingArrival } from "./ping-strikes.ts";

const fiveMinutesMs = 300_000;
const twoHoursMs = 7_200_000;

/** The verdicts on pings at these times; all else as in `arrival`. */
function judge(
  timesMs: readonly number[],
  arrival: Partial<PingArrival> | ((nowMs: number) => Partial<PingArrival>) = {},
  permitPingsWithoutCalls = false,
): string[] {
  const judged = createPingJudge({ minPingIntervalMs: fiveMinutesMs, permitPingsWithoutCalls });
  return timesMs.map((nowMs) =>
    judged({
      nowMs,
      hasCalls: true,
      hasSent: false,
      ...(typeof arrival === "function" ? arrival(nowMs) : arrival),
    }),
  );
}

const permitted = (count: number): string[] => Array<string>(count).fill("permitted");

describe("the ping judge", () => {
  test("lets the first ping and two strikes pass, not the third", () => {
    expect(judge([0, 1, 2, 3])).toEqual([...permitted(3), "too_many_pings"]);
  });

  test("adds up strikes however far apart they are", () => {
    expect(judge([0, 1, 600_000, 600_001, 1_200_000, 1_200_001])).toEqual([...permitted(5), "too_many_pings"]);
  });

  test("takes strikes back when the server has sent something", () => {
    expect(
      judge([0, 1, 2, 3, 4, 5, 6], (nowMs) => ({ hasSent: nowMs === 3 })),
      "strikes at 1, 2; none at 3; again at 4, 5, 6",
    ).toEqual([...permitted(6), "too_many_pings"]);
  });

  test("never turns away a client that pings as often as it may, however unevenly they arrive", () => {
    const times = Array.from({ length: 50 }, (_, index) => index * fiveMinutesMs + (index % 2) * 900);
    expect(judge(times)).toEqual(permitted(50));
  });

  test("does turn away a client that pings a little too often", () => {
    expect(judge([0, 298_000, 596_000, 894_000])).toEqual([...permitted(3), "too_many_pings"]);
  });

  test("allows an interval of a second to be short by a tenth", () => {
    const judged = createPingJudge({ minPingIntervalMs: 1000, permitPingsWithoutCalls: false });
    const verdicts = [0, 900, 1800, 2700, 3600, 4499, 5398, 6297].map((nowMs) =>
      judged({ nowMs, hasCalls: true, hasSent: false }),
    );
    expect(verdicts).toEqual([...permitted(7), "too_many_pings"]);
  });

  test("wants two hours between pings without a call", () => {
    expect(
      judge(
        [0, 1, 2, 3].map((count) => count * fiveMinutesMs),
        { hasCalls: false },
      ),
    ).toEqual([...permitted(3), "too_many_pings"]);
    expect(
      judge(
        [0, 1, 2, 3].map((count) => count * twoHoursMs),
        { hasCalls: false },
      ),
    ).toEqual(permitted(4));
  });

  test("wants no more without a call than with one where the contract permits it", () => {
    expect(
      judge(
        [0, 1, 2, 3].map((count) => count * fiveMinutesMs),
        { hasCalls: false },
        true,
      ),
    ).toEqual(permitted(4));
  });
});
