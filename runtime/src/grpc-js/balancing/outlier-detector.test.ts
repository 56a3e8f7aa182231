// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { OutlierDetector } from "./outlier-detector.ts";

const policy = {
  intervalMs: 10_000,
  baseEjectionTimeMs: 30_000,
  maxEjectionTimeMs: 70_000,
  maxEjectionPercent: 40,
  failurePercentageThreshold: 85,
  minimumHosts: 3,
  requestVolume: 10,
};
const addresses = ["a", "b", "c", "d", "e"];

function detectorOf(changes: Partial<typeof policy> = {}): OutlierDetector {
  const detector = new OutlierDetector({ ...policy, ...changes });
  detector.list(addresses, { ...policy, ...changes });
  return detector;
}

/** Each address gets 10 calls, of which so many fail. */
function count(detector: OutlierDetector, failures: Readonly<Record<string, number>>, calls = 10): void {
  for (const address of addresses) {
    for (let call = 0; call < calls; call += 1) {
      detector.count(address, call < (failures[address] ?? 0) ? "failure" : "success");
    }
  }
}

describe("OutlierDetector", () => {
  test("ejects an address that fails more than the threshold", () => {
    const detector = detectorOf();
    count(detector, { a: 8, b: 9 });
    expect(detector.judge(0)).toEqual({ eject: ["b"], restore: [] });
  });

  test("the threshold itself is not more", () => {
    const detector = detectorOf({ failurePercentageThreshold: 90 });
    count(detector, { b: 9, c: 10 });
    expect(detector.judge(0).eject).toEqual(["c"]);
  });

  test("ejects none when too few addresses have enough calls", () => {
    const detector = detectorOf({ minimumHosts: 5 });
    count(detector, { a: 10 });
    detector.judge(0);
    for (const address of ["a", "b", "c", "d"]) {
      for (let call = 0; call < 10; call += 1) {
        detector.count(address, "failure");
      }
    }
    expect(detector.judge(10_000).eject).toEqual([]);
  });

  test("does not judge an address with too few calls", () => {
    const detector = detectorOf({ minimumHosts: 1 });
    for (let call = 0; call < 9; call += 1) {
      detector.count("a", "failure");
    }
    expect(detector.judge(0).eject).toEqual([]);
  });

  test("counts each interval for itself", () => {
    const detector = detectorOf();
    count(detector, { a: 5 }, 5);
    detector.judge(0);
    count(detector, { a: 5 }, 5);
    expect(detector.judge(10_000).eject).toEqual([]);
  });

  test("ejects no more than the share allowed, those from before included", () => {
    const detector = detectorOf();
    count(detector, { a: 10, b: 10, c: 10, d: 10, e: 10 });
    expect(detector.judge(0).eject).toEqual(["a", "b"]);
    count(detector, { c: 10 });
    expect(detector.judge(10_000).eject).toEqual([]);
    expect(detectorOf({ maxEjectionPercent: 0 }).judge(0).eject).toEqual([]);
  });

  test("always may eject one, unless the share is 0", () => {
    const detector = detectorOf({ maxEjectionPercent: 1 });
    count(detector, { a: 10, b: 10 });
    expect(detector.judge(0).eject).toEqual(["a"]);
  });

  test("ejects for longer each time, up to the maximum, and forgets by and by", () => {
    const detector = detectorOf();
    const ejectedForMs = (fromMs: number): number => {
      count(detector, { a: 10 });
      expect(detector.judge(fromMs).eject).toEqual(["a"]);
      for (let nowMs = fromMs + 10_000; ; nowMs += 10_000) {
        if (detector.judge(nowMs).restore.includes("a")) {
          return nowMs - fromMs;
        }
      }
    };
    expect(ejectedForMs(0)).toBe(30_000);
    expect(ejectedForMs(30_000)).toBe(60_000);
    expect(ejectedForMs(90_000)).toBe(70_000);
    for (let interval = 1; interval <= 3; interval += 1) {
      detector.judge(160_000 + interval * 10_000);
    }
    expect(ejectedForMs(200_000)).toBe(30_000);
  });

  test("does not eject twice who is ejected", () => {
    const detector = detectorOf();
    count(detector, { a: 10 });
    detector.judge(0);
    count(detector, { a: 10 });
    expect(detector.judge(10_000).eject).toEqual([]);
    expect(detector.judge(30_000).restore).toEqual(["a"]);
  });

  test("forgets an address that is no longer listed", () => {
    const detector = detectorOf();
    count(detector, { a: 10 });
    detector.judge(0);
    detector.list(["b", "c", "d"], policy);
    detector.list(addresses, policy);
    expect(detector.judge(60_000)).toEqual({ eject: [], restore: [] });
    detector.count("unknown", "failure");
  });
});
