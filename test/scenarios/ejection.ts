// SPDX-License-Identifier: Apache-2.0
import { connectChannel, endpointsOf } from "../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { Load } from "./support/load.ts";
import { atLeast, atMost, exactly, pause, type Scenario, until } from "./support/scenario.ts";
import { contractWith, Stage } from "./support/stage.ts";

const notFound = 5;
const unavailable = 14;

/** What a busy machine may add. */
const busyMs = 5000;

/** One of five servers fails, another answers NOT_FOUND. */
export const ejection: Scenario = {
  name: "ejection",
  shows: "a server that fails is left out and comes back; one that answers NOT_FOUND stays",
  async run(length) {
    const scale = length === "short" ? 1 : 5;
    const intervalMs = 400 * scale;
    const baseMs = 1000 * scale;
    await using stage = await Stage.open(5);
    stage.list(5, 30);
    const contract = contractWith(`load_balancing { outlier_detection {
      interval_millis: ${intervalMs} base_ejection_time_millis: ${baseMs} max_ejection_time_millis: ${baseMs}
      max_ejection_percent: 40 minimum_hosts: 3 request_volume: 5
    } }`);
    const [channel] = stage.openChannels(1, contract);
    const [missing, failing] = stage.backends;
    if (channel === undefined || missing === undefined || failing === undefined) {
      throw new Error("the stage is empty");
    }
    await connectChannel(channel, 30_000);
    const isEjected = (address: string): boolean =>
      endpointsOf(channel).some((endpoint) => endpoint.address === address && endpoint.ejected);
    const inFlightAt = (address: string): number | undefined =>
      endpointsOf(channel).find((endpoint) => endpoint.address === address)?.inFlight;
    await using load = Load.start([channel], 200, 60_000);
    missing.code = notFound;
    await load.calls(100);
    await pause(3 * intervalMs);
    const missingEjected = isEjected(missing.address);

    failing.code = unavailable;
    const ejectedAfterMs = await until("the failing server is ejected", () => isEjected(failing.address));
    await until("its calls have ended", () => inFlightAt(failing.address) === 0);
    const failedBefore = load.tally.byStatus.get("UNAVAILABLE") ?? 0;
    const before = { missing: missing.calls, failing: failing.calls };
    await load.calls(50 * scale);
    const during = { missing: missing.calls - before.missing, failing: failing.calls - before.failing };
    const failedDuring = (load.tally.byStatus.get("UNAVAILABLE") ?? 0) - failedBefore;
    failing.code = 0;
    const backAfterMs = await until("it is no longer ejected", () => !isEjected(failing.address));
    await until("it is called again", () => failing.calls > before.failing);
    await load.stop();
    return [
      exactly("a server that answers NOT_FOUND is ejected", false, missingEjected),
      atMost("a server that fails every call is ejected after", 2 * intervalMs + busyMs, ejectedAfterMs, " ms"),
      exactly("calls it gets while ejected", 0, during.failing),
      exactly("calls failed meanwhile", 0, failedDuring),
      atLeast("calls that the one with NOT_FOUND gets meanwhile", 10 * scale, during.missing),
      atMost("it is called again after another", baseMs + intervalMs + busyMs, backAfterMs, " ms"),
    ];
  },
};
