// SPDX-License-Identifier: Apache-2.0
import { connectChannel } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { createLookup } from "../../runtime/src/grpc-js/resolver/lookup.ts";
import { NamePollers } from "../../runtime/src/grpc-js/resolver/name-pollers.ts";
import { fasterClock } from "./support/faster-clock.ts";
import { Load } from "./support/load.ts";
import { atLeast, atMost, exactly, type Finding, pause, type Scenario, until } from "./support/scenario.ts";
import { contractWith, Stage, stageName } from "./support/stage.ts";

const outageMs = 300_000;
const servers = 5;

/** Five minutes in which the DNS fails in every way it can. */
export const dnsOutage: Scenario = {
  name: "dns-outage",
  shows:
    "no call fails in five minutes without DNS, on a clock that runs faster, and what changed is found out afterwards",
  async run(length) {
    const speed = length === "short" ? 150 : 10;
    await using stage = await Stage.open(servers + 1);
    stage.list(servers, 5);
    const pollers = new NamePollers({ lookup: createLookup(), clock: fasterClock(speed), random: Math.random });
    const channels = stage.openChannels(10, contractWith(""), { pollers });
    await Promise.all(channels.map((channel) => connectChannel(channel, 30_000)));
    await using load = Load.start(channels, 10, 60_000);
    const findings: Finding[] = [];
    const modes = ["SERVFAIL", "NXDOMAIN", "empty", "silent"] as const;
    for (const mode of modes) {
      const before = stage.dns.asked(stageName);
      stage.dns.mode = mode;
      await pause(outageMs / modes.length / speed);
      await until(`an answer is ${mode}`, () => stage.dns.asked(stageName) > before);
      findings.push(atLeast(`lookups while answers are ${mode}`, 1, stage.dns.asked(stageName) - before));
      findings.push(exactly(`calls failed until after ${mode}`, 0, load.tally.failures.length));
    }
    const closed = stage.sum(({ connectionsClosed }) => connectionsClosed);
    stage.dns.mode = "records";
    stage.list(servers + 1, 5);
    const foundAfterMs = await until("the new server is called", () => (stage.calls()[servers] ?? 0) > 0, 20_000);
    const { failures } = await load.stop();
    return [
      ...findings,
      exactly("connections closed by the outage", 0, closed),
      // At most a lookup that hangs for 5 s of real time, the longest backoff, and what a busy machine adds.
      atMost(
        "the server that appeared meanwhile is found after",
        5000 + (30_000 * 1.1) / speed + 5000,
        foundAfterMs,
        " ms",
      ),
      exactly("calls failed in all", 0, failures.length),
    ];
  },
};
