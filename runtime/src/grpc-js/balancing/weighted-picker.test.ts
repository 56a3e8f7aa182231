// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GrpcPickResult } from "../surface.ts";
import { EndpointWeight, weightRules } from "./endpoint-weight.ts";
import { type WeightedChoice, WeightedPicker } from "./weighted-picker.ts";

const { blackoutMs, updateMs } = weightRules;

function weighing(weight: number | undefined): EndpointWeight {
  const endpoint = new EndpointWeight();
  if (weight !== undefined) {
    endpoint.report({ callsPerSecond: weight, errorsPerSecond: 0, utilization: 1 }, 0);
  }
  return endpoint;
}

/** How many of so many calls each of these weights gets, ten seconds after they were reported. */
function deal(weights: readonly (number | undefined)[], calls: number, random = () => 0.5): number[] {
  const choices = weights.map(
    (weight, index): WeightedChoice => ({ weight: weighing(weight), pick: index as unknown as GrpcPickResult }),
  );
  const picker = new WeightedPicker(choices as [WeightedChoice], { nowMs: () => blackoutMs }, random);
  const dealt = weights.map(() => 0);
  for (let call = 0; call < calls; call += 1) {
    const index = picker.pick() as unknown as number;
    dealt[index] = (dealt[index] ?? 0) + 1;
  }
  return dealt;
}

describe("WeightedPicker", () => {
  test("deals calls by weight", () => {
    expect(deal([400, 200, 100], 700)).toEqual([400, 200, 100]);
  });

  test("spreads each one's calls evenly, so that none comes in a burst", () => {
    expect(deal([2, 1, 1], 4)).toEqual([2, 1, 1]);
    expect(deal([1, 1, 1, 1], 4)).toEqual([1, 1, 1, 1]);
  });

  test("counts one without a weight as the average", () => {
    expect(deal([300, 100, undefined], 600)).toEqual([300, 100, 200]);
  });

  test("deals in turn as long as fewer than two have a weight", () => {
    expect(deal([900, undefined, undefined], 300)).toEqual([100, 100, 100]);
    expect(deal([undefined], 3)).toEqual([3]);
  });

  test("is never off by more calls than there are connections, whatever the weights", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 2000 }), (drawn, calls) => {
        const sum = drawn.reduce((total, weight) => total + weight, 0);
        const off = deal(drawn, calls).map((count, index) => Math.abs(count - (calls * (drawn[index] ?? 0)) / sum));
        expect(Math.max(...off)).toBeLessThanOrEqual(drawn.length);
      }),
    );
  });

  test("takes up new weights after a second, without starting over", () => {
    let nowMs = blackoutMs;
    const [first, second] = [weighing(1), weighing(1)];
    const pickOf = (index: number) => index as unknown as GrpcPickResult;
    const picker = new WeightedPicker(
      [
        { weight: first, pick: pickOf(0) },
        { weight: second, pick: pickOf(1) },
      ],
      { nowMs: () => nowMs },
      () => 0.5,
    );
    const picks = (count: number) => Array.from({ length: count }, () => picker.pick() as unknown as number);
    expect(picks(4)).toEqual([0, 1, 0, 1]);
    first.report({ callsPerSecond: 3, errorsPerSecond: 0, utilization: 1 }, nowMs);
    expect(picks(4)).toEqual([0, 1, 0, 1]);
    nowMs += updateMs;
    expect(picks(8).filter((index) => index === 0)).toHaveLength(6);
  });
});
