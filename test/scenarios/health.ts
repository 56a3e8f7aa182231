// SPDX-License-Identifier: Apache-2.0
import { connectChannel, endpointsOf } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { Load } from "./support/load.ts";
import { atLeast, atMost, exactly, type Scenario, until } from "./support/scenario.ts";
import { contractWith, Stage } from "./support/stage.ts";

/** Servers say how they are. */
export const health: Scenario = {
  name: "health",
  shows: "a server that says NOT_SERVING gets no calls until it says SERVING; one without a health service is called",
  async run(length) {
    const window = length === "short" ? 60 : 600;
    await using stage = await Stage.open(3);
    stage.list(3, 30);
    const [steady, moody, silent] = stage.backends;
    if (steady === undefined || moody === undefined || silent === undefined) {
      throw new Error("the stage is empty");
    }
    steady.health = "SERVING";
    moody.health = "NOT_SERVING";
    const channels = stage.openChannels(2, contractWith("health_check {}"));
    await Promise.all(channels.map((channel) => connectChannel(channel, 30_000)));
    await using load = Load.start(channels, 50);
    const callsOfMoody = async (): Promise<number> => {
      const before = moody.calls;
      await load.calls(window);
      return moody.calls - before;
    };
    const says = (wanted: string) => () =>
      channels.every((channel) =>
        endpointsOf(channel).some(({ address, health }) => address === moody.address && health === wanted),
      );
    const fromStart = await callsOfMoody();
    moody.health = "SERVING";
    const upAfterMs = await until("SERVING is heard", says("SERVING"));
    const serving = await callsOfMoody();
    moody.health = "NOT_SERVING";
    const downAfterMs = await until("NOT_SERVING is heard", says("NOT_SERVING"));
    await load.calls(10);
    const leaving = await callsOfMoody();
    moody.health = "SERVING";
    await until("SERVING is heard", says("SERVING"));
    const again = await callsOfMoody();
    const watches = stage.sum((backend) => backend.watches);
    steady.endWatches();
    await until("the watch is started again", () => steady.watches === channels.length);
    const { failures } = await load.stop();
    return [
      exactly("calls to a server that never said SERVING", 0, fromStart),
      atMost("SERVING is heard after", 1000, upAfterMs, " ms"),
      atLeast("calls to it then", 1, serving),
      atMost("NOT_SERVING is heard after", 1000, downAfterMs, " ms"),
      exactly("calls to it then", 0, leaving),
      atLeast("calls to it after it said SERVING again", 1, again),
      atLeast("calls to a server without a health service", 1, silent.calls),
      exactly("watches, one a connection that has the service", 2 * channels.length, watches),
      exactly("calls failed, with all watches ended once", 0, failures.length),
    ];
  },
};
