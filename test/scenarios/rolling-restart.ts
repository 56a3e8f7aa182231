// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { type EchoClient, type EchoOptions, echoService } from "../e2e/echo.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import { atLeast, atMost, exactly, type Finding, type Scenario, shown } from "./support/scenario.ts";

const serverCount = 4;
const clientCount = 20;

/** Long beside what a busy machine adds, so that a percentile says something about servers, not about the machine. */
const callMs = 100;

/** Standing still for longer than this makes a call look slow that was not. */
const stallMs = 25;

const contract: EchoOptions = {
  service: `
    response_timeout_millis: 5000
    retry { max_attempts: 3 retryable_status_codes: UNAVAILABLE }
    load_balancing { policy: ROUND_ROBIN }
    drain { notice_millis: 200 grace_millis: 5000 }`,
  method: "option idempotency_level = IDEMPOTENT;",
};

/** Restarts all servers, one after the other, while clients call; then kills one. */
export const rollingRestart: Scenario = {
  name: "rolling-restart",
  shows: "a rolling restart of all servers under load fails no call and slows none down; a crash is hidden by retries",
  run: (length) =>
    play(
      length === "full"
        ? { rounds: 2, steadyMs: 5000, callsPerSecond: 10 }
        : { rounds: 1, steadyMs: 500, callsPerSecond: 5 },
    ),
};

interface Play {
  readonly rounds: number;
  readonly steadyMs: number;
  /** Of each client. */
  readonly callsPerSecond: number;
}

async function play({ rounds, steadyMs, callsPerSecond }: Play): Promise<Finding[]> {
  await using processes = new AsyncDisposableStack();
  const fleet = await startFleet(processes);
  await using load = startLoad(fleet.target, callsPerSecond);
  await fleet.allServe();
  // Until code is compiled and connections have settled.
  await sleep(steadyMs);

  const steady: Window[] = [];
  const restarts: Window[] = [];
  const reports: ServerProcess[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // Elsewhere, new processes start on other machines than the clients'; so what starting costs is kept out of the figures.
    await fleet.startReplacements();
    steady.push(await load.windowOf(steadyMs));
    const restart = load.window();
    reports.push(...(await fleet.restartAll()));
    restart.end();
    restarts.push(restart);
    steady.push(await load.windowOf(steadyMs));
  }
  const crash = load.window();
  await fleet.kill();
  await sleep(1000);
  crash.end();
  await load.stop();

  const steadyP99Ms = percentile(steady);
  const restartP99Ms = percentile(restarts);
  const cutCalls = reports.reduce((sum, { report }) => sum + (report?.cut.calls ?? Number.NaN), 0);
  return [
    exactly("servers restarted", rounds * serverCount, reports.length),
    exactly("calls cut off by servers", 0, cutCalls),
    exactly("steps of each", "serving not_serving go_away closed", [
      ...new Set(reports.map(({ events }) => events.join(" "))),
    ]),
    exactly("calls that failed during restarts", "none", describe(restarts.flatMap(({ failures }) => failures))),
    exactly("calls that failed after kill -9", "none", describe(crash.failures)),
    atLeast(
      "calls during restarts",
      100,
      restarts.reduce((sum, { calls }) => sum + calls, 0),
    ),
    shown(
      "calls left out of p99, because this process was stalled",
      `${leftOut(restarts)} in restarts, ${leftOut(steady)} beside`,
    ),
    shown("p99 steady, before and after", `${steadyP99Ms.toFixed(1)} ms`),
    // A short run has too few calls for a percentile to be held to.
    rounds > 1
      ? atMost("p99 during restarts / p99 steady", 1.2, restartP99Ms / steadyP99Ms)
      : shown("p99 during restarts", `${restartP99Ms.toFixed(1)} ms`),
  ];
}

interface Fleet {
  readonly target: string;
  /** Waits until every server has been called. */
  allServe(): Promise<void>;
  /** Starts what will replace the servers; none of it listens yet. */
  startReplacements(): Promise<void>;
  /** Replaces one server after the other, each on the same port, and answers with those that left. */
  restartAll(): Promise<ServerProcess[]>;
  /** `kill -9` of the first. */
  kill(): Promise<void>;
}

async function startFleet(processes: AsyncDisposableStack): Promise<Fleet> {
  const start = async (): Promise<ServerProcess> => processes.use(await startServerProcess({ contract, callMs }));
  const startAll = (): Promise<ServerProcess[]> => Promise.all(Array.from({ length: serverCount }, start));
  const servers = await startAll();
  const ports = await Promise.all(servers.map((server) => server.ready(0)));
  let replacements: ServerProcess[] = [];
  const restart = async (index: number): Promise<ServerProcess> => {
    const [old, replacement, port] = [servers[index], replacements[index], ports[index]];
    if (old === undefined || replacement === undefined || port === undefined) {
      throw new Error(`there is nothing to replace server ${index}`);
    }
    old.signal("SIGTERM");
    await old.gone;
    await replacement.ready(port);
    servers[index] = replacement;
    await serves(replacement);
    return old;
  };
  return {
    target: `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`,
    allServe: async () => void (await Promise.all(servers.map(serves))),
    async startReplacements() {
      replacements = await startAll();
    },
    async restartAll() {
      const left: ServerProcess[] = [];
      for (const index of servers.keys()) {
        left.push(await restart(index));
      }
      return left;
    },
    async kill() {
      servers[0]?.signal("SIGKILL");
      await servers[0]?.gone;
    },
  };
}

async function serves(server: ServerProcess): Promise<void> {
  while ((await server.served()) === 0) {
    await sleep(20);
  }
}

/** The calls that were made between two moments. */
interface Window {
  calls: number;
  /** Of the calls during which this process was not stalled. */
  readonly latenciesMs: number[];
  readonly failures: unknown[];
  end(): void;
}

interface RunningLoad extends AsyncDisposable {
  /** A window that is open until it is ended. */
  window(): Window;
  /** A window of this length; resolves when it is over. */
  windowOf(lengthMs: number): Promise<Window>;
  stop(): Promise<void>;
}

/** Lets each client call at a steady rate. A call belongs to the windows that are open when it is made. */
function startLoad(target: string, callsPerSecond: number): RunningLoad {
  const service = echoService(contract);
  const open = (): EchoClient => createServiceClient(contractOf(service), { target }) as unknown as EchoClient;
  const clients = Array.from({ length: clientCount }, open);
  const windows = new Set<Window>();
  const inFlight = new Set<Promise<void>>();
  const stalls = watchStalls();
  const call = async (client: EchoClient): Promise<void> => {
    const counted = [...windows];
    const startedAtMs = performance.now();
    try {
      await client.unary({ text: "" });
    } catch (error) {
      counted.forEach(({ failures }) => void failures.push(error));
    }
    const latencyMs = performance.now() - startedAtMs;
    // A process that did not get to run says nothing about servers.
    const isStalled = stalls.since(startedAtMs);
    counted.forEach((window) => {
      window.calls += 1;
      if (!isStalled) {
        window.latenciesMs.push(latencyMs);
      }
    });
  };
  const startedAtMs = performance.now();
  let made = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) / 1000) * callsPerSecond * clientCount;
    for (; made < due; made += 1) {
      const done = call(clients[made % clientCount] as EchoClient).finally(() => inFlight.delete(done));
      inFlight.add(done);
    }
  }, 5);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(inFlight);
    stalls.end();
  };
  const openWindow = (): Window => {
    const window: Window = { calls: 0, latenciesMs: [], failures: [], end: () => void windows.delete(window) };
    windows.add(window);
    return window;
  };
  return {
    window: openWindow,
    async windowOf(lengthMs) {
      const window = openWindow();
      await sleep(lengthMs);
      window.end();
      return window;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    },
  };
}

/** Notices when this process does not run for much longer than it means to. */
function watchStalls(): { since(startMs: number): boolean; end(): void } {
  let lastTickMs = performance.now();
  let lastStallMs = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const nowMs = performance.now();
    lastStallMs = nowMs - lastTickMs > stallMs ? nowMs : lastStallMs;
    lastTickMs = nowMs;
  };
  const timer = setInterval(look, 5);
  return {
    since(startMs) {
      look();
      return lastStallMs >= startMs;
    },
    end: () => clearInterval(timer),
  };
}

/** The 99th percentile. */
function percentile(windows: readonly Window[]): number {
  const sorted = windows.flatMap(({ latenciesMs }) => latenciesMs).toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

function leftOut(windows: readonly Window[]): string {
  const calls = windows.reduce((sum, window) => sum + window.calls, 0);
  const timed = windows.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0);
  return `${calls - timed} of ${calls}`;
}

function describe(failures: readonly unknown[]): string {
  return failures.length === 0 ? "none" : `${failures.length}, the first: ${failures[0]}`;
}
