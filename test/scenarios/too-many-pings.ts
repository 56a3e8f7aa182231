// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { suspicionRules } from "../../runtime/src/grpc-js/suspicion.ts";
import { buildGoServer, type GoServer, startGoServer } from "../interop/go-server.ts";
import { FrameProxy } from "./support/frame-proxy.ts";
import { type PingsClient, pingsService, startPingsServer } from "./support/pings-server.ts";
import { atLeast, atMost, exactly, type Finding, type Scenario, shown } from "./support/scenario.ts";

/** A server, and the clients that it has to bear. */
interface Pairing {
  readonly name: string;
  /** The `keepalive` of the contract, e.g. `keepalive {}`. */
  readonly keepalive: string;
  /** How often pings come at most. */
  readonly intervalMs: number;
  start(): Promise<AsyncDisposable & { readonly port: number }>;
}

/** What the clients of one kind did, and what was said to them. */
interface Outcome {
  readonly tookMs: number;
  readonly pings: number;
  readonly shortestMs: number;
  readonly goAways: readonly string[];
  readonly failures: readonly string[];
}

/** Goes on until the signal. */
type Play = (client: PingsClient, end: AbortSignal, failures: string[]) => Promise<void>;

/** Clients at the contract's keepalive, and servers that turn away whoever pings more often than they permit. */
export const tooManyPings: Scenario = {
  name: "too-many-pings",
  shows:
    "no server takes the pings of a client for abuse: busy, idle, in a quiet stream, and when it is suspected to be dead",
  async run(length) {
    const short = length === "short";
    const pairings = [...own(short ? 700 : 2000), ...(short ? [] : own())];
    const findings: Finding[] = [];
    if (!short) {
      try {
        pairings.push(...go(await buildGoServer()));
      } catch (error) {
        findings.push(shown("grpc-go is not played", (error as Error).message));
      }
    }
    // Time for five suspicion pings, were they sent as often as they may at most.
    const lengthMs = short ? 3000 : 5 * suspicionRules.intervalMs + 5000;
    const played = await Promise.all(pairings.map((pairing) => playPairing(pairing, lengthMs)));
    return [...findings, ...played.flat(), ...(await Promise.all(pairings.map(provoke))).flat()];
  },
};

/** Our own servers, with an interval of this many milliseconds, or at the defaults of a contract. */
function own(intervalMs?: number): Pairing[] {
  const rules = intervalMs === undefined ? "" : `time_millis: ${intervalMs} server_min_time_millis: ${intervalMs}`;
  const keepalive = `keepalive { ${rules} }`;
  return (["grpc-js", "connect-node"] as const).map((kind) => ({
    name: `${kind}, ${intervalMs === undefined ? "at the defaults" : `permits one in ${intervalMs} ms`}`,
    keepalive,
    intervalMs: intervalMs ?? defaultIntervalMs,
    start: () => startPingsServer(kind, keepalive),
  }));
}

const defaultIntervalMs = 300_000;

/** Servers of grpc-go, at its defaults and with the contract's allowance. A fixed window silences the pings of its own. */
function go(program: string): Pairing[] {
  const window = ["-window", String(1 << 20)];
  const start =
    (...flags: string[]) =>
    (): Promise<GoServer> =>
      startGoServer(program, flags);
  const scaled = "time_millis: 2000 server_min_time_millis: 2000";
  return [
    { name: "grpc-go, at its defaults", keepalive: "", intervalMs: defaultIntervalMs, start: start() },
    { name: "grpc-go, fixed window", keepalive: "", intervalMs: defaultIntervalMs, start: start(...window) },
    {
      name: "grpc-go, permits one in 2 s",
      keepalive: `keepalive { ${scaled} }`,
      intervalMs: 2000,
      start: start("-min-time", "2s", ...window),
    },
    {
      name: "grpc-go, permits one in 2 s, without calls, too",
      keepalive: `keepalive { ${scaled} permit_without_calls: true }`,
      intervalMs: 2000,
      start: start("-min-time", "2s", "-permit", ...window),
    },
  ];
}

const plays = {
  async busy(client, end, failures) {
    while (!end.aborted) {
      await client.fast({}).catch((error: unknown) => failures.push(String(error)));
      await sleep(10);
    }
  },
  // Calls far apart: the ping that was due meanwhile goes out with the next call.
  async idle(client, end, failures) {
    while (!end.aborted) {
      await client.fast({}).catch((error: unknown) => failures.push(String(error)));
      await sleep(700, undefined, { signal: end }).catch(() => undefined);
    }
  },
  quiet: holdStream,
  // A stream that is quiet, and a server that answers no call in time: it is suspected to be dead.
  async suspected(client, end, failures) {
    const stream = holdStream(client, end, failures);
    while (!end.aborted) {
      const error = await client.slow({}).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!String(error).includes("deadline_exceeded")) {
        failures.push(String(error));
      }
    }
    await stream;
  },
} satisfies Record<string, Play>;

async function holdStream(client: PingsClient, end: AbortSignal, failures: string[]): Promise<void> {
  try {
    for await (const _ of client.quiet({}, { signal: end })) {
      failures.push("the quiet stream was not quiet");
    }
  } catch (error) {
    if (!end.aborted) {
      failures.push(`the quiet stream ended: ${error}`);
    }
  }
}

async function playPairing({ name, keepalive, intervalMs, start }: Pairing, lengthMs: number): Promise<Finding[]> {
  await using server = await start();
  const entries = Object.entries(plays) as [keyof typeof plays, Play][];
  const outcomes = await Promise.all(
    entries.map(([kind, play]) => {
      const isEnough = (proxy: FrameProxy): boolean => proxy.pingsAtMs.length >= leastPings(kind, intervalMs, lengthMs);
      return playOne(server.port, keepalive, play, { lengthMs, isEnough });
    }),
  );
  return entries.flatMap(([kind], index) => {
    const outcome = outcomes[index];
    return outcome === undefined ? [] : judge(`${name}: ${kind}`, kind, intervalMs, lengthMs, outcome);
  });
}

/** When a play ends: after so long, if that was enough. A machine that is busy needs longer, but not for ever. */
interface Ending {
  readonly lengthMs: number;
  isEnough(proxy: FrameProxy): boolean;
}

const patienceMs = 60_000;

async function playOne(port: number, keepalive: string, play: Play, { lengthMs, isEnough }: Ending): Promise<Outcome> {
  await using proxy = await FrameProxy.start(port);
  const failures: string[] = [];
  const target = `ipv4:127.0.0.1:${proxy.port}`;
  const client = createServiceClient(contractOf(pingsService(keepalive)), { target }) as unknown as PingsClient;
  const end = new AbortController();
  const startedAtMs = performance.now();
  const playing = play(client, end.signal, failures);
  await sleep(lengthMs);
  while (!isEnough(proxy) && performance.now() < startedAtMs + lengthMs + patienceMs) {
    await sleep(20);
  }
  end.abort();
  await playing;
  const tookMs = performance.now() - startedAtMs;
  await client[Symbol.asyncDispose]();
  const gaps = proxy.pingsAtMs.slice(1).map((atMs, index) => atMs - (proxy.pingsAtMs[index] ?? 0));
  return { tookMs, pings: proxy.pingsAtMs.length, shortestMs: Math.min(...gaps), goAways: proxy.goAways, failures };
}

function judge(
  what: string,
  kind: keyof typeof plays,
  intervalMs: number,
  lengthMs: number,
  { tookMs, pings, shortestMs, goAways, failures }: Outcome,
): Finding[] {
  const refusals = goAways.filter((text) => text.includes("too_many_pings"));
  const suspicions = Math.ceil(tookMs / suspicionRules.intervalMs);
  const gap = pings > 1 ? `, ${shortestMs.toFixed(1)} ms apart at least` : "";
  return [
    exactly(`${what}: too_many_pings`, 0, refusals.length),
    exactly(`${what}: calls failed`, 0, failures.length > 0 ? `${failures.length}, the first: ${failures[0]}` : 0),
    atLeast(`${what}: pings${gap}`, leastPings(kind, intervalMs, lengthMs), pings),
    atMost(`${what}: pings`, Math.ceil(tookMs / intervalMs) + 1 + (kind === "suspected" ? suspicions : 0), pings),
  ];
}

/** Fewer would show nothing. Where there are calls all the time, keepalive pings as often as it may. */
function leastPings(kind: keyof typeof plays, intervalMs: number, lengthMs: number): number {
  const share = { busy: 0.5, idle: 0.25, quiet: 0.5, suspected: 0.5 }[kind];
  const byKeepalive = Math.floor((share * lengthMs) / intervalMs);
  return kind === "suspected" ? Math.max(1, byKeepalive) : byKeepalive;
}

/** A client that keeps to another contract, and pings ten times as often: the server has to turn it away, or nothing was shown. */
async function provoke({ name, start }: Pairing): Promise<Finding[]> {
  await using server = await start();
  const refusalsIn = ({ goAways }: Pick<Outcome, "goAways">): number =>
    goAways.filter((text) => text === "11 too_many_pings").length;
  const keepalive = "keepalive { time_millis: 50 server_min_time_millis: 50 }";
  const ending: Ending = { lengthMs: 0, isEnough: (proxy) => refusalsIn(proxy) > 0 };
  const refusals = refusalsIn(await playOne(server.port, keepalive, plays.quiet, ending));
  return [atLeast(`${name}: too_many_pings for a client that pings each 50 ms`, 1, refusals)];
}
