// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";

/** The addresses of the servers of a test network. */
export const serverAddresses: readonly string[] = ["10.77.1.11", "10.77.1.12", "10.77.1.13"];

/**
 * A network of its own: clients, a router and servers, each in a network namespace, joined by virtual cables. The router can
 * swallow the packets of a server, both ways, without a word to anybody, as a dead host or a broken link does.
 */
export class TestNetwork implements Disposable {
  static readonly client: string = "talaria-client";
  static readonly server: string = "talaria-server";
  static readonly #router = "talaria-router";

  /** Why no network can be made here; nothing when one can. */
  static obstacle(): string | undefined {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      return "network namespaces need root on Linux";
    }
    try {
      execFileSync("ip", ["-V"], { stdio: "ignore" });
      return undefined;
    } catch {
      return "the command `ip` (iproute2) is not installed";
    }
  }

  constructor() {
    this[Symbol.dispose]();
    const { client, server } = TestNetwork;
    const router = TestNetwork.#router;
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
    execFileSync("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
  }

  /** Swallows every packet from and to an address, or lets them through again. */
  swallow(address: string, on: boolean): void {
    const verb = on ? "add" : "del";
    for (const direction of ["from", "to"]) {
      ip("-n", TestNetwork.#router, "rule", verb, "pref", "10", direction, address, "blackhole");
    }
  }

  [Symbol.dispose](): void {
    for (const name of [TestNetwork.client, TestNetwork.#router, TestNetwork.server]) {
      try {
        execFileSync("ip", ["netns", "del", name], { stdio: "ignore" });
      } catch {
        // It is not there.
      }
    }
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
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}
