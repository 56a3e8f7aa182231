// SPDX-License-Identifier: Apache-2.0
import { Load } from "./support/load.ts";
import { atLeast, atMost, exactly, pause, type Scenario } from "./support/scenario.ts";
import { contractWith, Stage, stageName } from "./support/stage.ts";

const clients = 50;

/** Many channels to one name. */
export const dnsStorm: Scenario = {
  name: "dns-storm",
  shows: `${clients} channels make one lookup a time to live between them, whatever happens to their connections`,
  async run(length) {
    const seconds = length === "short" ? 3 : 30;
    await using stage = await Stage.open(3);
    stage.list(3, 1);
    const channels = stage.openChannels(clients, contractWith(""));
    const startedAtMs = performance.now();
    await using load = Load.start(channels, 2, 60_000);
    await pause((seconds * 1000) / 2);
    const tally = load.tally;
    for (const backend of stage.backends) {
      backend.dropConnections();
    }
    await pause((seconds * 1000) / 2);
    await load.stop();
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    const lookups = stage.dns.asked(stageName);
    return [
      // The wait is the time to live ± 10 %.
      atMost(`lookups in ${elapsedSeconds.toFixed(1)} s at a time to live of 1 s`, 1 + elapsedSeconds / 0.9, lookups),
      atLeast("lookups", Math.floor(elapsedSeconds / 2), lookups),
      exactly("AAAA questions for each A question", 1, stage.dns.asked(stageName, "AAAA") / lookups),
      exactly("calls failed before connections were dropped", 0, tally.failures.length),
    ];
  },
};
