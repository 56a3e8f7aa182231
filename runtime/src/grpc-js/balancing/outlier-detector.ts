// SPDX-License-Identifier: Apache-2.0
import type { OutlierDetection } from "@talaria/contract";

/** What a detector wants done. */
export interface OutlierVerdict {
  readonly eject: readonly string[];
  readonly restore: readonly string[];
}

interface Record {
  successes: number;
  failures: number;
  /** How often it was ejected of late; each quiet interval takes one back. */
  multiplier: number;
  ejectedAtMs: number | undefined;
}

/** Outlier detection by failure percentage (gRFC A50), for the addresses of one channel. Time is an argument. */
export class OutlierDetector {
  readonly #records: Map<string, Record> = new Map();
  #policy: OutlierDetection;

  constructor(policy: OutlierDetection) {
    this.#policy = policy;
  }

  /** The addresses that there are now. Others are forgotten. */
  list(addresses: readonly string[], policy: OutlierDetection): void {
    this.#policy = policy;
    const listed = new Set(addresses);
    for (const address of this.#records.keys()) {
      if (!listed.has(address)) {
        this.#records.delete(address);
      }
    }
    for (const address of listed) {
      if (!this.#records.has(address)) {
        this.#records.set(address, { successes: 0, failures: 0, multiplier: 0, ejectedAtMs: undefined });
      }
    }
  }

  /** An attempt at an address ended. */
  count(address: string, outcome: "success" | "failure"): void {
    const record = this.#records.get(address);
    if (record !== undefined) {
      record[outcome === "failure" ? "failures" : "successes"] += 1;
    }
  }

  /** Ends an interval: judges what was counted in it, and begins the next. */
  judge(nowMs: number): OutlierVerdict {
    const eject = this.#findOutliers();
    for (const address of eject) {
      const record = this.#records.get(address);
      if (record !== undefined) {
        record.ejectedAtMs = nowMs;
        record.multiplier += 1;
      }
    }
    for (const record of this.#records.values()) {
      record.successes = 0;
      record.failures = 0;
    }
    return { eject, restore: this.#restore(nowMs) };
  }

  #findOutliers(): string[] {
    const { failurePercentageThreshold, minimumHosts, requestVolume, maxEjectionPercent } = this.#policy;
    const judged = [...this.#records].filter(([, { successes, failures }]) => successes + failures >= requestVolume);
    if (judged.length < minimumHosts) {
      return [];
    }
    let ejected = [...this.#records.values()].filter(({ ejectedAtMs }) => ejectedAtMs !== undefined).length;
    const outliers: string[] = [];
    for (const [address, { successes, failures, ejectedAtMs }] of judged) {
      if ((ejected * 100) / this.#records.size >= maxEjectionPercent) {
        break;
      }
      const failurePercentage = (failures * 100) / Math.max(1, successes + failures);
      if (ejectedAtMs === undefined && failurePercentage > failurePercentageThreshold) {
        outliers.push(address);
        ejected += 1;
      }
    }
    return outliers;
  }

  #restore(nowMs: number): string[] {
    const { baseEjectionTimeMs, maxEjectionTimeMs } = this.#policy;
    const restored: string[] = [];
    for (const [address, record] of this.#records) {
      if (record.ejectedAtMs === undefined) {
        record.multiplier = Math.max(0, record.multiplier - 1);
        continue;
      }
      const longestMs = Math.max(baseEjectionTimeMs, maxEjectionTimeMs);
      if (nowMs >= record.ejectedAtMs + Math.min(baseEjectionTimeMs * record.multiplier, longestMs)) {
        record.ejectedAtMs = undefined;
        restored.push(address);
      }
    }
    return restored;
  }
}
