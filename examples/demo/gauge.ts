// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { emptyTally } from "./ledger.ts";
import type { Load } from "./load.ts";
import { type Screen, sparkline } from "./screen.ts";
import type { ServerProcess } from "./server-process.ts";

const sampleMs = 150;
const shownSamples = 34;

/** How busy a server is. */
export interface Gauge {
  server: ServerProcess;
  note: string;
  /** Requests in each of the latest intervals. */
  readonly rates: number[];
  seen: number;
}

/** A gauge that has seen nothing yet. */
export function createGauge(server: ServerProcess): Gauge {
  return { server, note: `pid ${server.pid}`, rates: [], seen: 0 };
}

/** Samples gauges until it is disposed of. */
export function sampleRegularly(gauges: readonly Gauge[]): AsyncDisposable {
  const end = new AbortController();
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await Promise.all([sleep(sampleMs), ...gauges.map(sample)]);
    }
  };
  const done = loop();
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      await done;
    },
  };
}

async function sample(gauge: Gauge): Promise<void> {
  // A server that was killed has no answer, and no requests.
  const { attempts } = await gauge.server.tally("GetOrder").catch(() => emptyTally);
  gauge.rates.push(Math.max(0, attempts - gauge.seen));
  gauge.rates.splice(0, gauge.rates.length - shownSamples);
  gauge.seen = attempts;
}

/** A line for each gauge, and one for those who call. */
export function paintGauges(gauges: readonly Gauge[], { ok, errors }: Load, screen: Screen): string[] {
  const counted = screen.tint(errors.length === 0 ? "good" : "bad", `${errors.length} errors`);
  return [
    ...gauges.map(
      ({ server, rates, note }) =>
        `  ${server.name}  ${screen.tint("good", sparkline(rates).padEnd(shownSamples))}  ${screen.tint("quiet", note)}`,
    ),
    `  callers: ${ok} answers, ${counted}`,
  ];
}
