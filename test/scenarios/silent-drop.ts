// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { serverAddresses, TestNetwork } from "./support/network.ts";
import { atLeast, atMost, exactly, type Finding, pause, type Scenario, shown, until } from "./support/scenario.ts";
import type { DropClientMessage, DropClientSettings } from "./support/silent-drop-child.ts";

/** A kind of client, and when it has to have left a dead server. */
interface Kind extends DropClientSettings {
  readonly name: string;
  readonly limitMs: number;
}

/** Contract defaults: keepalive pings after five minutes, so the suspicion ping has to find out. */
const suspicion = { contract: "response_timeout_millis: 250", limitMs: 5000 };

/** Calls with all the time of the world, so that nobody suspects anything, and keepalive has to find out. */
const keepalive = {
  contract: `
    response_timeout_millis: 60000
    keepalive { time_millis: 3000 timeout_millis: 1500 server_min_time_millis: 3000 }`,
  limitMs: 4500 + 500,
};

const kinds: readonly Kind[] = [
  { name: "at defaults, TCP_USER_TIMEOUT set", ...suspicion, hasKoffi: true },
  { name: "at defaults, without koffi", ...suspicion, hasKoffi: false },
  { name: "by keepalive of 3 s + 1.5 s, TCP_USER_TIMEOUT set", ...keepalive, hasKoffi: true },
  { name: "by keepalive of 3 s + 1.5 s, without koffi", ...keepalive, hasKoffi: false },
];

/** Packets of one of three servers vanish, both ways. */
export const silentDrop: Scenario = {
  name: "silent-drop",
  shows: "a server whose packets vanish is left within 5 s under traffic, at the contract's defaults, and comes back",
  async run(length) {
    const obstacle = TestNetwork.obstacle();
    if (obstacle !== undefined) {
      return [shown("not played", obstacle)];
    }
    using network = new TestNetwork();
    using children = new DisposableStack();
    const server = start(children, network.server, "server");
    await once(server, "message");
    const target = `ipv4:${serverAddresses.map((address) => `${address}:50051`).join(",")}`;
    // The short form is played while other tests are, so there are fewer clients, and they have more time.
    const played = length === "short" ? kinds.slice(0, 2) : kinds;
    const busyMs = length === "short" ? 10_000 : 0;
    const clients = played.map((kind) => new DropClient(start(children, network.client, "client", target, kind), kind));
    const [, dead = ""] = serverAddresses;
    const all = (holds: (client: DropClient) => boolean) => () => clients.every(holds);
    await until(
      "all servers answer",
      all((client) => serverAddresses.every((address) => client.isServedBy(address))),
      60_000,
    );

    network.swallow(dead, true);
    const droppedAtMs = Date.now();
    const limitMs = Math.max(...played.map((kind) => kind.limitMs)) + busyMs;
    await pause(length === "short" ? 3500 : 12_000);
    await until(
      "calls succeed again",
      all((client) => client.hasLeft(dead, 600)),
      limitMs,
    );
    const left = clients.map((client) => client.since(droppedAtMs));

    network.swallow(dead, false);
    const passedAtMs = Date.now();
    await until(
      "the server is used again",
      all((client) => client.isServedBy(dead)),
      30_000,
    );
    return clients.flatMap((client, index) =>
      judge(client, left[index] ?? [], { droppedAtMs, passedAtMs, dead, busyMs }),
    );
  },
};

type CallEnd = Exclude<DropClientMessage, { readonly kind: "user_timeout" }>;

/** What a client in a process of its own says of its calls. */
class DropClient {
  readonly kind: Kind;
  support = "";
  readonly #ends: CallEnd[] = [];

  constructor(child: ChildProcess, kind: Kind) {
    this.kind = kind;
    child.on("message", (message: DropClientMessage) => {
      if (message.kind === "user_timeout") {
        this.support = message.support;
      } else {
        this.#ends.push(message);
      }
    });
  }

  /** The latest calls reached this server, too. */
  isServedBy(address: string): boolean {
    return this.#ends.slice(-10).some((end) => end.kind === "answered" && end.server === address);
  }

  /** No call has been lost to this server for so long. */
  hasLeft(address: string, forMs: number): boolean {
    const failed = this.since(Date.now() - forMs).filter(({ kind }) => kind === "failed");
    return failed.every(({ server }) => server !== undefined && server !== address);
  }

  since(fromMs: number): CallEnd[] {
    return this.#ends.filter(({ atMs }) => atMs >= fromMs);
  }
}

interface Moments {
  readonly droppedAtMs: number;
  readonly passedAtMs: number;
  readonly dead: string;
  readonly busyMs: number;
}

function judge(
  client: DropClient,
  left: readonly CallEnd[],
  { droppedAtMs, passedAtMs, dead, busyMs }: Moments,
): Finding[] {
  const { name, limitMs, hasKoffi } = client.kind;
  const failures = left.filter((end) => end.kind === "failed");
  // On a busy machine, a server that lives may take longer than a call has; that is not what is looked at.
  const lost = failures.filter(({ server }) => server === undefined || server === dead);
  const answered = left.filter((end) => end.kind === "answered");
  const again = client.since(passedAtMs).find((end) => end.kind === "answered" && end.server === dead);
  return [
    exactly(`${name}: TCP_USER_TIMEOUT is`, hasKoffi ? "set" : "koffi is not installed", client.support),
    atMost(
      `${name}: the last call lost to the dead server, after the packets vanished`,
      limitMs + busyMs,
      Math.max(0, ...lost.map(({ atMs }) => atMs - droppedAtMs)),
      " ms",
    ),
    atLeast(`${name}: calls lost to it`, 1, lost.length),
    shown(`${name}: calls that ran out of time at other servers`, String(failures.length - lost.length)),
    atLeast(`${name}: calls answered by the other servers meanwhile`, busyMs > 0 ? 20 : 100, answered.length),
    exactly(
      `${name}: calls that the dead server answered`,
      0,
      // What was on its way when the packets began to vanish has arrived by then.
      answered.filter(({ server, atMs }) => server === dead && atMs > droppedAtMs + 50).length,
    ),
    atMost(`${name}: it is used again after the packets pass`, 15_000, (again?.atMs ?? Number.NaN) - passedAtMs, " ms"),
  ];
}

function start(
  children: DisposableStack,
  namespace: string,
  role: "server" | "client",
  target = "",
  settings?: DropClientSettings,
): ChildProcess {
  const program = fileURLToPath(new URL("support/silent-drop-child.ts", import.meta.url));
  const command = ["netns", "exec", namespace, process.execPath, "--conditions=talaria-source", program];
  const child = spawn("ip", [...command, role, target, JSON.stringify(settings ?? {})], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.defer(() => void child.kill());
  return child;
}
