// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@bufbuild/protobuf";
import { connect, contractOf, createServiceClient, endpoints } from "@talaria/runtime";
import { type CertifiedKey, createTestAuthority, type TestAuthority } from "../support/certificates.ts";
import { compileService } from "../support/compile.ts";
import { DnsServer } from "../support/dns-server.ts";
import { Backend } from "./support/backend.ts";
import { atLeast, atMost, exactly, type Finding, type Scenario, until } from "./support/scenario.ts";

/** How the client finds its servers, and over which protocol it reaches them. */
interface Way {
  readonly name: string;
  readonly scheme: "dns" | "srv";
  /** The address of a server. IPv6 has one loopback address, so the servers differ in their ports there. */
  host(index: number): string;
}

const ways: readonly Way[] = [
  { name: "dns:, IPv4", scheme: "dns", host: (index) => `127.0.2.${index + 1}` },
  { name: "srv:, IPv6", scheme: "srv", host: () => "::1" },
];

const name = "orders.shop.test";
const srvName = `_grpc._tcp.${name}`;
const shard = "s7";
const wanted = `${shard}.${name}`;

interface UserClient extends AsyncDisposable {
  call(input: object): Promise<Message>;
}

/** What an application does, `createServiceClient` and calls, over TLS, while servers come, go and are replaced. */
export const userClient: Scenario = {
  name: "user-client",
  shows: "an application's client over TLS, IPv4 and IPv6, follows its servers, and no other server answers its calls",
  async run(length) {
    const authority = await createTestAuthority();
    const findings = await Promise.all(ways.map((way) => play(way, authority, length === "short" ? 1 : 5)));
    return findings.flat();
  },
};

async function play(way: Way, authority: TestAuthority, ttlSeconds: number): Promise<Finding[]> {
  await using stage = await UserStage.open(way, authority, 3);
  stage.list(2, ttlSeconds);
  await using client = stage.openClient(ttlSeconds);
  await connect(client, { timeoutMs: 20_000 });
  await using load = startCalls(client);
  // What a machine may add that is busy with other tests.
  const inTimeMs = (ttlSeconds + 2) * 1000 + (ttlSeconds === 1 ? 10_000 : 0);
  const closed = (): number => stage.backends.reduce((sum, { connectionsClosed }) => sum + connectionsClosed, 0);
  const [kept, replaced, added] = stage.backends as [Backend, Backend, Backend];
  const listed = (): number => endpoints(client).filter((endpoint) => endpoint.listed).length;
  const what = (text: string): string => `${way.name}: ${text}`;

  stage.list(3, ttlSeconds);
  const grownAfterMs = await until("the new server is called", () => added.calls > 0, inTimeMs + 10_000);
  const closedByGrowth = closed();
  stage.list(2, ttlSeconds);
  const shrunkAfterMs = await until("the server is not listed any more", () => listed() === 2, inTimeMs + 10_000);
  await load.calls(20);
  const before = { added: added.calls, lookups: stage.lookups() };
  await load.calls(60);
  const callsAfterLeaving = added.calls - before.added;

  stage.dns.mode = "SERVFAIL";
  await until("a lookup failed", () => stage.lookups() > before.lookups + 1, inTimeMs + 30_000);
  stage.dns.mode = "NXDOMAIN";
  await load.calls(60);
  const failedInOutage = load.failures.length;
  stage.dns.mode = "records";

  const impostors: Finding[] = [];
  const { host, port } = replaced;
  await replaced[Symbol.asyncDispose]();
  for (const found of ttlSeconds === 1 ? ["billing.shop.test"] : ["billing.shop.test", `s8.${name}`]) {
    await using impostor = await Backend.start(host, port, await authority.issue([{ type: "dns", value: found }]));
    const said = (): string => endpoints(client).find(({ address }) => address === impostor.address)?.lastError ?? "";
    await until(`the client says that it found ${found}`, () => said().includes(found), 30_000);
    await load.calls(60);
    impostors.push(
      exactly(what(`calls answered by ${found} at the address of a server`), 0, impostor.calls),
      exactly(what(`its error names ${found} and ${wanted}`), "both", said().includes(wanted) ? "both" : said()),
    );
  }
  // Nothing listens at the old port, and the server is found at another address.
  const moved = await stage.start(3);
  stage.backends[1] = moved;
  stage.list(2, ttlSeconds);
  const movedAfterMs = await until("the server is found where it went", () => moved.calls > 0, inTimeMs + 10_000);
  await load.stop();
  return [
    atMost(what("a new server is called after"), inTimeMs, grownAfterMs, " ms"),
    exactly(what("connections closed by it"), 0, closedByGrowth),
    atMost(what("a server that leaves is forgotten after"), inTimeMs, shrunkAfterMs, " ms"),
    exactly(what("calls to it after that"), 0, callsAfterLeaving),
    exactly(what("calls failed while the DNS did"), 0, failedInOutage),
    ...impostors,
    atMost(what("a server that moved is found after"), inTimeMs, movedAfterMs, " ms"),
    exactly(what("calls failed in all"), "none", load.failures[0] ?? "none"),
    atLeast(what("calls"), 300, load.ended),
    atLeast(what("calls answered by the server that stayed"), 100, kept.calls),
  ];
}

/** Servers that show who they are, and a DNS server that knows them. */
class UserStage implements AsyncDisposable {
  readonly dns: DnsServer;
  readonly backends: Backend[] = [];
  readonly #way: Way;
  readonly #authority: TestAuthority;
  readonly #certificate: CertifiedKey;

  private constructor(dns: DnsServer, way: Way, authority: TestAuthority, certificate: CertifiedKey) {
    this.dns = dns;
    this.#way = way;
    this.#authority = authority;
    this.#certificate = certificate;
  }

  static async open(way: Way, authority: TestAuthority, servers: number): Promise<UserStage> {
    const certificate = await authority.issue([{ type: "dns", value: wanted }]);
    const stage = new UserStage(await DnsServer.start(), way, authority, certificate);
    for (let index = 0; index < servers; index += 1) {
      stage.backends.push(await stage.start(index));
    }
    return stage;
  }

  /** Starts a server. Those that a name leads to share their port, those of SRV records need not. */
  start(index: number): Promise<Backend> {
    const port = this.#way.scheme === "dns" ? this.backends[0]?.port : 0;
    return Backend.start(this.#way.host(index), port, this.#certificate);
  }

  list(count: number, ttlSeconds: number): void {
    const listed = this.backends.slice(0, count);
    if (this.#way.scheme === "dns") {
      this.dns.setAddresses(
        name,
        listed.map(({ host }) => host),
        ttlSeconds,
      );
      return;
    }
    this.dns.setAddresses("host.test", ["::1"], ttlSeconds);
    this.dns.set(
      srvName,
      listed.map(({ port }) => {
        const data = { target: "host.test", port, priority: 1, weight: 1 };
        return { type: "SRV", name: srvName, ttl: ttlSeconds, data };
      }),
    );
  }

  lookups(): number {
    return this.#way.scheme === "dns" ? this.dns.asked(name) : this.dns.asked(srvName, "SRV");
  }

  openClient(ttlSeconds: number): UserClient {
    const service = compileService(
      `syntax = "proto3";
      package test.v1;
      import "service_client_config.proto";
      message Empty {}
      service Test {
        option (service_client.client_config) = {
          response_timeout_millis: 5000
          retry { max_attempts: 3 retryable_status_codes: UNAVAILABLE }
          transport_security { server_identity: "{shard}.${name}" }
          name_resolution { max_ttl_millis: ${ttlSeconds * 1000} failure_backoff_initial_millis: 200 }
        };
        rpc Call(Empty) returns (Empty) { option idempotency_level = IDEMPOTENT; }
      }`,
      "test.v1.Test",
    );
    const path = this.#way.scheme === "dns" ? `${name}:${this.backends[0]?.port}` : srvName;
    const target = `${this.#way.scheme}://${this.dns.address}/${path}`;
    const options = { target, tls: { ca: this.#authority.ca }, identity: { shard } };
    return createServiceClient(contractOf(service), options) as unknown as UserClient;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.backends.map((backend) => backend[Symbol.asyncDispose]()));
    await this.dns[Symbol.asyncDispose]();
  }
}

interface Calls extends AsyncDisposable {
  readonly ended: number;
  readonly failures: readonly string[];
  /** Waits until so many more have ended. */
  calls(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Four callers, each of whom calls again as soon as it was answered, after a pause. */
function startCalls(client: UserClient): Calls {
  const failures: string[] = [];
  let ended = 0;
  let running = true;
  const callers = Array.from({ length: 4 }, async () => {
    while (running) {
      await client.call({}).catch((error: unknown) => failures.push(String(error)));
      ended += 1;
      await sleep(10);
    }
  });
  const stop = async (): Promise<void> => {
    running = false;
    await Promise.all(callers);
  };
  return {
    get ended() {
      return ended;
    },
    failures,
    async calls(count) {
      const end = ended + count;
      await until(`${count} calls end`, () => ended >= end, 60_000);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
