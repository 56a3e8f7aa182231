// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";

/** The addresses of the servers of a test network. */
export const serverAddresses: readonly string[] = ["10.77.1.11", "10.77.1.12", "10.77.1.13"];

const roles = ["client", "router", "server"] as const;

/**
 * A network of its own: clients, a router and servers, each in a network namespace, joined by virtual cables. The router can
 * swallow the packets of a server, both ways, without a word to anybody, as a dead host or a broken link does.
 *
 * The namespaces carry the id of the process. They go when it ends, also by a signal; what a process that was killed left behind
 * goes when the next network is made.
 */
export class TestNetwork implements Disposable {
  readonly client: string = namespace("client");
  readonly server: string = namespace("server");
  readonly #router: string = namespace("router");

  /** Why no network can be made here; nothing when one can. */
  static obstacle(): string | undefined {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      return "network namespaces need root on Linux";
    }
    try {
      ip("netns", "add", namespace("probe"));
      ip("netns", "del", namespace("probe"));
      return undefined;
    } catch (error) {
      const reason = (error as { stderr?: Buffer }).stderr?.toString().trim();
      return `no network namespace can be made: ${reason || "the command `ip` (iproute2) is not installed"}`;
    }
  }

  constructor() {
    removeLeftovers();
    process.on("exit", removeOwn);
    for (const signal of signals) {
      process.on(signal, onSignal);
    }
    const { client, server } = this;
    const router = this.#router;
    try {
      for (const name of [client, router, server]) {
        ip("netns", "add", name);
        ip("-n", name, "link", "set", "lo", "up");
      }
      cable(
        { namespace: client, device: "c0", addresses: ["10.77.0.2"] },
        { namespace: router, device: "rc", addresses: ["10.77.0.1"] },
      );
      cable(
        { namespace: server, device: "s0", addresses: serverAddresses },
        { namespace: router, device: "rs", addresses: ["10.77.1.1"] },
      );
      ip("-n", client, "route", "add", "default", "via", "10.77.0.1");
      ip("-n", server, "route", "add", "default", "via", "10.77.1.1");
      // Not by `sysctl`, which is on the PATH of few.
      ip("netns", "exec", router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Swallows every packet from and to an address, or lets them through again. */
  swallow(address: string, on: boolean): void {
    const verb = on ? "add" : "del";
    for (const direction of ["from", "to"]) {
      ip("-n", this.#router, "rule", verb, "pref", "10", direction, address, "blackhole");
    }
  }

  [Symbol.dispose](): void {
    removeOwn();
    process.off("exit", removeOwn);
    for (const signal of signals) {
      process.off(signal, onSignal);
    }
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function namespace(role: string): string {
  return `talaria-${process.pid}-${role}`;
}

function removeOwn(): void {
  for (const role of roles) {
    remove(namespace(role));
  }
}

function onSignal(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}

/** Removes the namespaces of processes that are gone. */
function removeLeftovers(): void {
  const names = execFileSync("ip", ["netns", "list"], { encoding: "utf8" }).matchAll(/^talaria-(\d+)-\w+/gm);
  for (const [name, pid] of names) {
    if (!existsSync(`/proc/${pid}`)) {
      remove(name);
    }
  }
}

function remove(name: string): void {
  try {
    execFileSync("ip", ["netns", "del", name], { stdio: "ignore" });
  } catch {
    // It is not there.
  }
}

interface End {
  readonly namespace: string;
  readonly device: string;
  readonly addresses: readonly string[];
}

function cable(a: End, b: End): void {
  ip("link", "add", a.device, "netns", a.namespace, "type", "veth", "peer", "name", b.device, "netns", b.namespace);
  for (const { namespace, device, addresses } of [a, b]) {
    for (const address of addresses) {
      ip("-n", namespace, "addr", "add", `${address}/24`, "dev", device);
    }
    ip("-n", namespace, "link", "set", device, "up");
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
