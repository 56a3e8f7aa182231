// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type { Keepalive } from "@talaria/contract";
import { type Budget, NotInTime } from "./budget.ts";
import type { Finding } from "./check.ts";
import { encodeHealthRequest, healthWatchPath } from "./check-health.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { frame, type GrpcPeer, startCall } from "./grpc-call.ts";
import { sayMs, sayTime } from "./say-duration.ts";

/** A server turns a client away at the third ping that comes too early; the first of all is free (gRFC A8). */
const pingsToBeSure = 4;

/** Pings once, which every server permits, and sets what the client will do beside what the contract says is permitted. */
export async function checkKeepalive(plan: DoctorPlan, peer: GrpcPeer): Promise<Finding> {
  const keepalive = plan.expected?.contract.keepalive;
  let roundTripMs: number;
  try {
    roundTripMs = await ping(peer, peer.budget.within(keepalive?.timeoutMs ?? peer.budget.leftMs));
  } catch (error) {
    if (!(error instanceof NotInTime)) {
      throw error;
    }
    return { verdict: "problem", message: `no answer to a ping within ${sayTime(Math.round(error.limitMs))}` };
  }
  const answered = `a ping is answered in ${sayMs(roundTripMs)}`;
  if (keepalive === undefined) {
    return {
      verdict: "ok",
      message: `${answered}; pass --proto to see what the contract permits`,
      data: { roundTripMs },
    };
  }
  const finding: Finding = {
    verdict: "ok",
    message: answered,
    details: [
      `the client pings every ${sayTime(keepalive.timeMs)} ` +
        `${keepalive.permitWithoutCalls ? "with and without calls" : "while a call is open"}, and waits ${sayTime(keepalive.timeoutMs)} for the answer`,
      `the contract permits a ping every ${sayTime(keepalive.serverMinTimeMs)}, if the server runs by it; others permit one ` +
        "every 5 min unless they are told otherwise",
    ],
    data: { roundTripMs, contract: keepalive },
  };
  return plan.keepaliveProbeMs === undefined
    ? finding
    : join(finding, await probe(keepalive, plan.keepaliveProbeMs, plan, peer));
}

function join(pinged: Finding, probed: Finding): Finding {
  return {
    verdict: probed.verdict === "skipped" ? "warning" : probed.verdict,
    message: `${pinged.message}; ${probed.message}`,
    details: pinged.details ?? [],
    data: { ...pinged.data, probe: probed.data },
  };
}

function ping({ session }: GrpcPeer, budget: Budget): Promise<number> {
  return budget.wait(
    new Promise<number>((resolve, reject) => {
      const sent = session.ping((error: Error | null, durationMs: number) =>
        error === null ? resolve(durationMs) : reject(error),
      );
      if (!sent) {
        reject(new Error("the connection takes no pings"));
      }
    }),
  );
}

/** Pings as often as the contract's client does, in a call that stays open where pings need one, and watches for GOAWAY. */
async function probe(
  { timeMs, permitWithoutCalls }: Keepalive,
  forMs: number,
  plan: DoctorPlan,
  peer: GrpcPeer,
): Promise<Finding> {
  const every = `every ${sayTime(timeMs)}`;
  let goAway: { code: number; said: string } | undefined;
  peer.session.on("goaway", (code: number, _last: number, data?: Uint8Array) => {
    goAway ??= { code, said: Buffer.from(data ?? []).toString() };
  });
  using scope = new DisposableStack();
  if (!permitWithoutCalls && !(await holdCall(plan.service ?? "", peer, scope))) {
    const message =
      "the server has no health watch to hold a call open with, so it was not probed: without a call it permits less";
    return { verdict: "skipped", message, data: { pings: 0 } };
  }
  const endMs = performance.now() + forMs;
  let pings = 0;
  let lost = false;
  while (goAway === undefined && performance.now() + timeMs <= endMs) {
    await peer.budget.wait(sleep(timeMs));
    try {
      await ping(peer, peer.budget);
      pings += 1;
    } catch (error) {
      if (goAway === undefined && !peer.session.destroyed && !peer.session.closed) {
        throw error;
      }
      lost = true;
      break;
    }
  }
  return lost && goAway === undefined ? loss(pings, every) : judge(goAway, pings, every, timeMs);
}

/** Whether it was for the pings, nobody has said. */
function loss(pings: number, every: string): Finding {
  const message = `the connection was lost during the probe, after ${countPings(pings)} ${every}`;
  return { verdict: "warning", message, data: { pings } };
}

function judge(
  goAway: { code: number; said: string } | undefined,
  pings: number,
  every: string,
  timeMs: number,
): Finding {
  if (goAway?.code === constants.NGHTTP2_ENHANCE_YOUR_CALM) {
    const message = `the server turned the client away after ${countPings(pings)} ${every}: ENHANCE_YOUR_CALM ${goAway.said}`;
    return { verdict: "problem", message, data: { pings, goAway: goAway.said } };
  }
  if (goAway !== undefined) {
    const message =
      `the server closed the connection during the probe, with code ${goAway.code} ${goAway.said}`.trimEnd();
    return { verdict: "warning", message, data: { pings, goAway: goAway.said } };
  }
  if (pings < pingsToBeSure) {
    const message = `only ${countPings(pings)} ${every} in that time: a server turns away at the ${pingsToBeSure}th, so probe for ${sayTime(
      (pingsToBeSure + 1) * Math.ceil(timeMs / 1000) * 1000,
    )}`;
    return { verdict: "skipped", message, data: { pings } };
  }
  return { verdict: "ok", message: `${countPings(pings)} ${every} are permitted`, data: { pings } };
}

function countPings(pings: number): string {
  return pings === 1 ? "1 ping" : `${pings} pings`;
}

/** Opens a health watch. False: the server has none, or does not keep it open. */
async function holdCall(service: string, peer: GrpcPeer, scope: DisposableStack): Promise<boolean> {
  const stream = startCall(peer, healthWatchPath);
  scope.defer(() => stream.destroy());
  const first = new Promise<boolean>((resolve) => {
    stream.on("data", () => resolve(true));
    stream.on("close", () => resolve(false));
  });
  stream.end(frame(encodeHealthRequest(service)));
  return peer.budget.wait(first);
}
