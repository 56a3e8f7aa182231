// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { createOrderServiceClient, type OrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual, expectWithin } from "../check.ts";
import { emptyTally } from "../ledger.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import { sparkline } from "../screen.ts";
import { type ServerProcess, startFleet } from "../server-process.ts";

const callers = 10;
const sampleMs = 150;
const shownSamples = 34;

/** Balancing and retry together: a server that dies under load is nobody's problem. */
export const restart: Scene = {
  name: "restart",
  title: "One of three servers is killed under load, and restarted",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "rpc GetOrder(" },
  async play(screen) {
    await using fleet = await startFleet("orders", 3);
    await using orders = createOrderServiceClient({ target: fleet.target });
    const [first, victim, third] = fleet.servers.map(createGauge);
    if (first === undefined || victim === undefined || third === undefined) {
      throw new Error("three servers were to be started");
    }
    const gauges = [first, victim, third];

    await using load = startLoad(orders);
    await using _ = sampleRegularly(gauges);
    // The load stops before the last picture, so that it shows what the table counts.
    const restarting = killAndRestart(victim).finally(() => load.stop());
    await using restarted = await screen.watch(restarting, () => [
      ...gauges.map(
        ({ server, rates, note }) =>
          `  ${server.name}  ${screen.tint("good", sparkline(rates).padEnd(shownSamples))}  ${screen.tint("quiet", note)}`,
      ),
      `  callers: ${load.ok} answers, ${screen.tint(load.errors.length === 0 ? "good" : "bad", `${load.errors.length} errors`)}`,
    ]);

    const survivors = await Promise.all([first, third].map((gauge) => gauge.server.tally("GetOrder")));
    const { attempts } = await restarted.tally("GetOrder");
    const retries = survivors.reduce((sum, tally) => sum + tally.retries, 0);
    return [
      expectEqual("calls that fail", load.errors.length, 0),
      expectWithin("calls that succeed", load.ok, { min: 200 }),
      expectWithin("retries at the other two", retries, { min: 1 }),
      expectWithin("calls at the restarted server", attempts, { min: 50 }),
    ];
  },
};

async function killAndRestart(victim: Gauge): Promise<ServerProcess> {
  await sleep(1000);
  await victim.server.kill();
  victim.note = `kill -9 ${victim.server.pid}`;
  await sleep(500);
  victim.server = await victim.server.restart();
  victim.note += `, now ${victim.server.pid}`;
  await poll(
    "calls at the restarted server",
    () => victim.server.tally("GetOrder"),
    ({ attempts }) => attempts >= 50,
  );
  await sleep(500);
  return victim.server;
}

/** How busy a server is. */
interface Gauge {
  server: ServerProcess;
  note: string;
  /** Requests in each of the latest intervals. */
  readonly rates: number[];
  seen: number;
}

function createGauge(server: ServerProcess): Gauge {
  return { server, note: `pid ${server.pid}`, rates: [], seen: 0 };
}

function sampleRegularly(gauges: readonly Gauge[]): AsyncDisposable {
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

interface Load extends AsyncDisposable {
  readonly ok: number;
  readonly errors: readonly unknown[];
  stop(): Promise<void>;
}

/** Calls without a pause, several at a time, until it is stopped. */
function startLoad(orders: OrderServiceClient): Load {
  let running = true;
  let ok = 0;
  const errors: unknown[] = [];
  const caller = async (): Promise<void> => {
    while (running) {
      try {
        await orders.getOrder({ orderId: `${ok}` });
        ok += 1;
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const done = Promise.all(Array.from({ length: callers }, caller));
  const stop = async (): Promise<void> => {
    running = false;
    await done;
  };
  return {
    get ok() {
      return ok;
    },
    errors,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
