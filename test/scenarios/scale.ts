// SPDX-License-Identifier: Apache-2.0
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Channel } from "@grpc/grpc-js";
import { connectChannel, endpointsOf } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { callOnce, clientOf, Load } from "./support/load.ts";
import { atLeast, atMost, exactly, type Finding, pause, type Scenario, shown, until } from "./support/scenario.ts";
import { contractWith, Stage, stageName } from "./support/stage.ts";

const plainClient = fileURLToPath(new URL("support/plain-client.ts", import.meta.url));
const few = 10;
const many = 12;

/** 10 servers become 12, and 10 again, without any connection having a maximum age. */
export const scale: Scenario = {
  name: "scale",
  shows: `new servers get their share within the time to live + 2 s, and leaving ones none, when ${few} become ${many} and ${few} again`,
  async run(length) {
    const short = length === "short";
    const ttlSeconds = short ? 1 : 10;
    const window = short ? 60 : 200;
    // What a machine may add that is busy with other tests.
    const busyMs = short ? 10_000 : 0;
    const clients = 20;
    await using stage = await Stage.open(many);
    stage.list(few, ttlSeconds);
    const channels = stage.openChannels(clients, contractWith(""));
    await Promise.all(channels.map((channel) => connectChannel(channel, 30_000)));
    await using load = Load.start(channels, short ? 40 : 10, 60_000);
    const callsOf = async (callsPerClient: number): Promise<number[]> => {
      const before = stage.calls();
      await load.calls(callsPerClient * clients);
      return stage.calls().map((count, index) => count - (before[index] ?? 0));
    };

    stage.list(many, ttlSeconds);
    const inTimeMs = (ttlSeconds + 2) * 1000 + busyMs;
    const opened = (): number => stage.sum(({ connectionsOpened }) => connectionsOpened);
    const grownAfterMs = await until(
      "every client is connected to the new servers",
      () => opened() === clients * many,
      inTimeMs + 10_000,
    );
    const grown = await callsOf(window);
    const closedByGrowth = stage.sum(({ connectionsClosed }) => connectionsClosed);
    const openedByGrowth = opened();
    // Each channel has long calls on whichever servers it picks; some of them are on a server that leaves.
    const long = channels.flatMap((channel) =>
      Array.from({ length: many }, () => callOnce(clientOf(channel), 60_000, { hold: "please" })),
    );
    await until("the long calls have arrived", () => stage.sum(({ heldCalls }) => heldCalls) === long.length);
    stage.list(few, ttlSeconds);
    const listed = (channel: Channel): number => endpointsOf(channel).filter((endpoint) => endpoint.listed).length;
    const shrunkAfterMs = await until(
      "no client knows them any more",
      () => channels.every((channel) => listed(channel) === few),
      inTimeMs + 10_000,
    );
    await load.calls(clients);
    const shrunk = await callsOf(short ? 12 : window);
    stage.backends.forEach((backend) => void backend.release());
    const longFailed = (await Promise.all(long)).filter((error) => error !== undefined).length;
    const { failures } = await load.stop();
    const kept = stage.backends.slice(0, few).reduce((sum, backend) => sum + backend.connectionsClosed, 0);
    const share = grown.reduce((sum, calls) => sum + calls, 0) / many;
    return [
      atMost("every client is connected to the new servers after", inTimeMs, grownAfterMs, " ms"),
      atLeast("least call share of a new server", 0.9, Math.min(...grown.slice(few)) / share),
      atMost("greatest call share of any server", 1.1, Math.max(...grown) / share),
      exactly("connections opened", clients * many, openedByGrowth),
      exactly("connections closed by growing", 0, closedByGrowth),
      atMost("no client calls the servers that leave after", inTimeMs, shrunkAfterMs, " ms"),
      exactly("calls to servers that left", 0, Math.max(...shrunk.slice(few))),
      exactly("connections closed to servers that stayed", 0, kept),
      exactly("calls failed", 0, failures.length),
      exactly("calls failed that were in flight when servers left", 0, longFailed),
      ...(short ? [] : await compare()),
    ];
  },
};

/** What grpc-js as it comes makes of two new servers, with and without a maximum age of connections. */
async function compare(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const maxAgeMs of [undefined, 5000]) {
    await using stage = await Stage.open(many);
    for (const backend of stage.backends) {
      backend.maxAgeMs = maxAgeMs;
    }
    stage.list(few, 1);
    const target = `dns://${stage.dns.address}/${stageName}:${stage.backends[0]?.port}`;
    const client = fork(plainClient, [target, "20", "10"], {
      execArgv: ["--conditions=talaria-source"],
      env: { ...process.env, GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true" },
    });
    try {
      await until("all servers are called", () => stage.calls().every((calls, index) => calls > 0 || index >= few));
      stage.list(many, 1);
      const changedAtMs = performance.now();
      const shares: string[] = [];
      for (const afterSeconds of [5, 10, 20]) {
        const before = stage.calls();
        await pause(changedAtMs + afterSeconds * 1000 - performance.now());
        const calls = stage.calls().map((count, index) => count - (before[index] ?? 0));
        const mean = calls.reduce((sum, count) => sum + count, 0) / many;
        shares.push((Math.min(...calls.slice(few)) / mean).toFixed(2));
      }
      const what = maxAgeMs === undefined ? "no maximum age" : `a maximum age of ${maxAgeMs / 1000} s`;
      findings.push(
        shown(`grpc-js as it comes, with ${what}: share in 0-5 s, 5-10 s, 10-20 s after the change`, shares.join(", ")),
      );
    } finally {
      client.disconnect();
      await once(client, "exit");
    }
  }
  return findings;
}
