// SPDX-License-Identifier: Apache-2.0
import { connect } from "@talaria/runtime";
import { createDispatchServiceClient } from "../../../generated/shop/dispatch/v1/dispatch_client.ts";
import { expectEqual, expectWithin } from "../check.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import { startFleet } from "../server-process.ts";

const calls = 16;

/** `hedging { hedging_delay_millis: 100 }`: whoever has to wait asks someone else, and takes what comes first. */
export const hedge: Scene = {
  name: "hedge",
  title: "One of three servers takes 5 s: a second copy of the call outruns it",
  contract: { file: "examples/shop/proto/shop/dispatch/v1/dispatch.proto", start: "rpc EstimateArrival(" },
  async play(screen) {
    await using fleet = await startFleet("dispatch", ["healthy", "healthy", "slow"]);
    await using dispatch = createDispatchServiceClient({ target: fleet.target });
    await connect(dispatch);

    const tookMs: number[] = [];
    const callAll = async (): Promise<void> => {
      while (tookMs.length < calls) {
        const startedAtMs = performance.now();
        await dispatch.estimateArrival({ orderId: "4711" });
        tookMs.push(performance.now() - startedAtMs);
      }
    };
    await screen.watch(callAll(), () => [
      `  answers after ms  ${tookMs.map((ms) => screen.tint(ms < 100 ? "good" : "warning", ms.toFixed(0))).join(" ")}`,
    ]);

    const [first, second, slow] = await poll(
      "the slow server to notice that nobody waits for it",
      () => Promise.all(fleet.servers.map((server) => server.tally("EstimateArrival"))),
      (tallies) => tallies.every(({ attempts, cut }, index) => index < 2 || attempts === cut),
    );
    const attempts = [first, second, slow].reduce((sum, tally) => sum + (tally?.attempts ?? 0), 0);
    return [
      expectEqual("calls that succeed", tookMs.length, calls),
      expectWithin("the slowest of them", Math.max(...tookMs), { min: 100, max: 800, unit: "ms" }),
      expectWithin("further copies", attempts - calls, { min: 4, max: calls }),
      expectEqual("copies at the slow server, all of them cut", slow?.cut ?? 0, slow?.attempts ?? -1),
    ];
  },
};
