// SPDX-License-Identifier: Apache-2.0
import { type Channel, credentials } from "@grpc/grpc-js";
import { contractOf, type ServiceContract } from "@talaria/contract";
import {
  type BalancedChannelTools,
  openBalancedChannel,
} from "../../../runtime/src/grpc-js/balancing/balanced-channel.ts";
import { compileService } from "../../support/compile.ts";
import { DnsServer } from "../../support/dns-server.ts";
import { type Backend, startBackends } from "./backend.ts";

/** The name that the clients of a stage know. */
export const stageName = "orders.shop.test";

/** Servers, a DNS server that knows them, and clients. */
export class Stage implements AsyncDisposable {
  readonly dns: DnsServer;
  readonly backends: readonly Backend[];
  readonly #channels: Channel[] = [];

  private constructor(dns: DnsServer, backends: readonly Backend[]) {
    this.dns = dns;
    this.backends = backends;
  }

  static async open(backends: number): Promise<Stage> {
    return new Stage(await DnsServer.start(), await startBackends(backends));
  }

  /** Lists the first `count` backends in the DNS. */
  list(count: number, ttlSeconds: number): void {
    this.dns.setAddresses(
      stageName,
      this.backends.slice(0, count).map(({ host }) => host),
      ttlSeconds,
    );
  }

  /** Opens clients that share nothing but the process: each has a connection of its own to every backend. */
  openChannels(count: number, contract: ServiceContract, tools?: BalancedChannelTools): Channel[] {
    const channels = Array.from({ length: count }, () =>
      openBalancedChannel(
        `dns://${this.dns.address}/${stageName}:${this.backends[0]?.port}`,
        contract,
        credentials.createInsecure(),
        { "grpc.use_local_subchannel_pool": 1, "grpc.enable_channelz": 0, "grpc.enable_http_proxy": 0 },
        tools,
      ),
    );
    this.#channels.push(...channels);
    return channels;
  }

  /** How many calls each backend has received. */
  calls(): number[] {
    return this.backends.map(({ calls }) => calls);
  }

  sum(count: (backend: Backend) => number): number {
    return this.backends.reduce((sum, backend) => sum + count(backend), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) {
      channel.close();
    }
    await Promise.all(this.backends.map((backend) => backend[Symbol.asyncDispose]()));
    await this.dns[Symbol.asyncDispose]();
  }
}

/** The contract of a service that declares `options`. */
export function contractWith(options: string): ServiceContract {
  const text = `
    syntax = "proto3";
    package test.v1;
    import "service_client_config.proto";
    message Empty {}
    service Test {
      option (service_client.client_config) = {
        transport_security { mode: PLAINTEXT } response_timeout_millis: 5000 ${options}
      };
      rpc Call(Empty) returns (Empty);
    }`;
  return contractOf(compileService(text, "test.v1.Test"));
}
