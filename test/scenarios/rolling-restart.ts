// SPDX-License-Identifier: Apache-2.0
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { type EchoClient, type EchoOptions, echoService } from "../e2e/echo.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";
import { atLeast, atMost, exactly, type Finding, type Scenario, shown } from "./support/scenario.ts";

const clientCount = 20;

/** Long beside what a busy machine adds, so that a percentile says something about servers, not about the machine. */
const callMs = 100;

/** The times are long, so that only servers can fail calls, not a machine that stands still. */
const contract: EchoOptions = {
  service: `
    response_timeout_millis: 30000
    retry { max_attempts: 3 retryable_status_codes: UNAVAILABLE }
    load_balancing { policy: ROUND_ROBIN }
    drain { notice_millis: 200 grace_millis: 20000 }`,
  method: "option idempotency_level = IDEMPOTENT;",
};

/** Restarts all servers, one after the other, while clients call; then kills one. */
export const rollingRestart: Scenario = {
  name: "rolling-restart",
  shows: "a rolling restart of all servers under load fails no call and slows none down; a crash is hidden by retries",
  run: (length) =>
    play(
      length === "full"
        ? { servers: 4, rounds: 7, steadyMs: 2500, callsPerSecond: 10 }
        : { servers: 2, rounds: 1, steadyMs: 300, callsPerSecond: 10 },
    ),
};

interface Play {
  readonly servers: number;
  readonly rounds: number;
  /** Before a restart, and as long again after it. */
  readonly steadyMs: number;
  /** Of each client. */
  readonly callsPerSecond: number;
}

async function play({ servers, rounds, steadyMs, callsPerSecond }: Play): Promise<Finding[]> {
  await using processes = new AsyncDisposableStack();
  const fleet = await startFleet(processes, servers, rounds > 1);
  await using load = startLoad(fleet.target, callsPerSecond);
  await fleet.allServe();
  // Until code is compiled and connections have settled.
  await sleep(steadyMs);

  const pairs: Pair[] = [];
  const reports: ServerProcess[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // Elsewhere, new processes start on other machines than the clients'; so what starting costs is kept out of the figures.
    await fleet.startReplacements();
    const before = await load.windowOf(steadyMs);
    const restart = load.window();
    reports.push(...(await fleet.restartAll()));
    restart.end();
    pairs.push({ restart, steady: [before, await load.windowOf(steadyMs)] });
  }
  const crash = load.window();
  await fleet.kill();
  await sleep(1000);
  crash.end();
  await load.stop();

  const restarts = pairs.map(({ restart }) => restart);
  const cutCalls = reports.reduce((sum, { report }) => sum + (report?.cut.calls ?? Number.NaN), 0);
  return [
    exactly("servers restarted", rounds * servers, reports.length),
    exactly("calls cut off by servers", 0, cutCalls),
    exactly("steps of each", "serving not_serving go_away closed", [
      ...new Set(reports.map(({ events }) => events.join(" "))),
    ]),
    exactly("calls that failed during restarts", "none", describe(restarts.flatMap(({ failures }) => failures))),
    exactly("calls that failed after kill -9", "none", describe(crash.failures)),
    atLeast("calls during restarts", rounds * 50, restarts.flatMap(({ latenciesMs }) => latenciesMs).length),
    ...compareP99(pairs),
  ];
}

/** A restart of all servers, and the time around it. */
interface Pair {
  readonly restart: Window;
  readonly steady: readonly Window[];
}

/**
 * Sets the p99 of each restart against that of the time around it, all calls of both counted. A moment in which the machine did
 * something else weighs on either side by chance, so the median of the restarts says what a restart costs.
 */
function compareP99(pairs: readonly Pair[]): Finding[] {
  const restartsMs = pairs.map(({ restart }) => percentile([restart]));
  const steadyMs = pairs.map(({ steady }) => percentile(steady));
  const ratios = restartsMs.map((ms, index) => ms / (steadyMs[index] ?? Number.NaN));
  const list = (values: readonly number[], digits: number): string =>
    values.map((value) => value.toFixed(digits)).join(", ");
  const lags = (windows: readonly Window[]): string =>
    `${Math.max(...windows.map(({ lagMs }) => lagMs())).toFixed(0)} ms`;
  return [
    shown("p99 of each restart, no call left out", `${list(restartsMs, 1)} ms`),
    shown("p99 just before and after each", `${list(steadyMs, 1)} ms`),
    shown(
      "longest standstill of this process, in restarts; beside",
      `${lags(pairs.map(({ restart }) => restart))}; ${lags(pairs.flatMap(({ steady }) => steady))}`,
    ),
    // A short run has too few calls for a percentile to be held to.
    pairs.length > 1
      ? atMost(`p99 of a restart / p99 around it, median of ${list(ratios, 2)}`, 1.2, median(ratios))
      : shown("p99 of a restart / p99 around it", list(ratios, 2)),
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

async function startFleet(processes: AsyncDisposableStack, serverCount: number, warmUp: boolean): Promise<Fleet> {
  const start = async (): Promise<ServerProcess> =>
    processes.use(await startServerProcess({ contract, callMs, warmUp }));
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
  readonly latenciesMs: number[];
  readonly failures: unknown[];
  /** For how long this process did nothing at most, once the window is ended. */
  lagMs(): number;
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
  const call = async (client: EchoClient): Promise<void> => {
    const counted = [...windows];
    const startedAtMs = performance.now();
    try {
      await client.unary({ text: "" });
    } catch (error) {
      counted.forEach(({ failures }) => void failures.push(error));
    }
    const latencyMs = performance.now() - startedAtMs;
    counted.forEach(({ latenciesMs }) => void latenciesMs.push(latencyMs));
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
  };
  const openWindow = (): Window => {
    const lag = monitorEventLoopDelay({ resolution: 5 });
    lag.enable();
    const window: Window = {
      latenciesMs: [],
      failures: [],
      lagMs: () => lag.max / 1e6,
      end() {
        lag.disable();
        windows.delete(window);
      },
    };
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

/** The 99th percentile. */
function percentile(windows: readonly Window[]): number {
  const sorted = windows.flatMap(({ latenciesMs }) => latenciesMs).toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function describe(failures: readonly unknown[]): string {
  return failures.length === 0 ? "none" : `${failures.length}, the first: ${failures[0]}`;
}
