// SPDX-License-Identifier: Apache-2.0
import { connectChannel, endpointsOf } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { weightRules } from "../../runtime/src/grpc-js/balancing/endpoint-weight.ts";
import type { Backend } from "./support/backend.ts";
import { fasterClock } from "./support/faster-clock.ts";
import { Load } from "./support/load.ts";
import { atLeast, atMost, exactly, pause, type Scenario, until } from "./support/scenario.ts";
import { contractWith, Stage } from "./support/stage.ts";

/** As many calls a second each, at different load: what each could serve is 4 : 2 : 1. */
const utilizations = [0.2, 0.4, 0.8];

/** Three servers report how busy they are, and a fourth appears. */
export const weighted: Scenario = {
  name: "weighted",
  shows: "with WEIGHTED_ROUND_ROBIN, calls follow the load that servers report, and a new server gets an average share",
  async run(length) {
    const speed = length === "short" ? 20 : 1;
    await using stage = await Stage.open(4);
    stage.list(3, 1);
    const contract = contractWith("load_balancing { policy: WEIGHTED_ROUND_ROBIN }");
    const channels = stage.openChannels(2, contract, { clock: fasterClock(speed) });
    await Promise.all(channels.map((channel) => connectChannel(channel, 30_000)));
    await using load = Load.start(channels, 100, 60_000);
    const sharesOf = async (calls: number): Promise<number[]> => {
      const before = stage.calls();
      await load.calls(calls);
      const counts = stage.calls().map((count, index) => count - (before[index] ?? 0));
      const sum = counts.reduce((total, count) => total + count, 0);
      return counts.map((count) => count / sum);
    };
    const silent = await sharesOf(150);
    for (const [index, utilization] of utilizations.entries()) {
      (stage.backends[index] as Backend).load = { callsPerSecond: 100, utilization };
    }
    await pause((weightRules.blackoutMs + 2 * weightRules.updateMs) / speed + 500);
    const reporting = await sharesOf(length === "short" ? 350 : 1400);
    stage.list(4, 1);
    await until("the fourth server is known", () => channels.every((channel) => endpointsOf(channel).length === 4));
    await until("it is called", () => (stage.calls()[3] ?? 0) > 0);
    const grown = await sharesOf(length === "short" ? 350 : 1400);
    const { failures } = await load.stop();
    const off = (shares: readonly number[], wanted: readonly number[]): number =>
      Math.max(...wanted.map((share, index) => Math.abs((shares[index] ?? 0) / share - 1)));
    const percent = (shares: readonly number[]): string =>
      shares.map((share) => `${Math.round(share * 100)} %`).join(", ");
    return [
      atMost(`off an even share before they report (${percent(silent)})`, 0.1, off(silent, [1 / 3, 1 / 3, 1 / 3])),
      atMost(`off 4 : 2 : 1 when they do (${percent(reporting)})`, 0.1, off(reporting, [4 / 7, 2 / 7, 1 / 7])),
      atMost(
        `off 4 : 2 : 1 with an average fourth, that says nothing (${percent(grown)})`,
        0.15,
        off(grown, [12 / 28, 6 / 28, 3 / 28, 7 / 28]),
      ),
      atLeast("calls to the fourth", 30, stage.calls()[3] ?? 0),
      exactly("calls failed", 0, failures.length),
    ];
  },
};
