// SPDX-License-Identifier: Apache-2.0
import { type Channel, credentials } from "@grpc/grpc-js";
import { connectChannel, openBalancedChannel } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { Load } from "./support/load.ts";
import { atMost, exactly, type Scenario, shown } from "./support/scenario.ts";
import { contractWith, Stage } from "./support/stage.ts";

const clients = 100;
const servers = 10;

/** 100 clients call 10 servers at equal rates. */
export const even: Scenario = {
  name: "even",
  shows: `${clients} clients at equal rates load ${servers} servers alike`,
  async run(length) {
    await using stage = await Stage.open(servers);
    stage.list(servers, 30);
    const contract = contractWith("");
    const channels = stage.openChannels(clients, contract);
    await Promise.all(channels.map((channel) => connectChannel(channel, 30_000)));
    const connected = stage.sum(({ connections }) => connections);
    const balanced = await measure(
      stage,
      channels,
      length === "short" ? { callsPerClient: 20, callsPerSecond: 10 } : { callsPerClient: 300, callsPerSecond: 5 },
    );
    const opened = stage.sum(({ connectionsOpened }) => connectionsOpened);

    // What a load balancer of connections does: each client gets some server, and stays there.
    const placed = Array.from({ length: clients }, () => {
      const backend = stage.backends[Math.floor(Math.random() * servers)];
      return openBalancedChannel(`ipv4:${backend?.address}`, contract, credentials.createInsecure(), {});
    });
    const random = await measure(
      stage,
      placed,
      length === "short" ? { callsPerClient: 5, callsPerSecond: 10 } : { callsPerClient: 50, callsPerSecond: 5 },
    );
    for (const channel of placed) {
      channel.close();
    }
    return [
      exactly("connections before the first call", clients * servers, connected),
      exactly("connections after the last call", clients * servers, opened),
      exactly("calls failed", 0, balanced.failures.length),
      atMost("busiest / least busy server", 1.05, balanced.ratio),
      shown("with connections placed at random", random.ratio.toFixed(2)),
    ];
  },
};

async function measure(
  stage: Stage,
  channels: readonly Channel[],
  { callsPerClient, callsPerSecond }: { readonly callsPerClient: number; readonly callsPerSecond: number },
): Promise<{ ratio: number; failures: readonly string[] }> {
  const before = stage.calls();
  const calls = callsPerClient * channels.length;
  await using load = Load.start(channels, callsPerSecond, 60_000, calls);
  await load.calls(calls);
  const { failures } = await load.stop();
  const shares = stage.calls().map((count, index) => count - (before[index] ?? 0));
  return { ratio: Math.max(...shares) / Math.max(1, Math.min(...shares)), failures };
}
