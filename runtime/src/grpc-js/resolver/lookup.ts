// SPDX-License-Identifier: Apache-2.0
import { promises as dns, type SrvRecord } from "node:dns";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Address,
  type AddressRecord,
  type Answer,
  type FamilyAnswer,
  joinFamilies,
  shorterTtlMs,
} from "./answer.ts";
import type { Lookup, NameQuery } from "./name-poller.ts";
import { byPriority, repeatByWeight, type ServiceRecord } from "./service-records.ts";
import { candidateNames, hostsFileAddresses, parseSearchRules } from "./system-names.ts";

/** Where the system says how names are found. */
export interface SystemFiles {
  readonly hosts: string;
  readonly resolvConf: string;
  /** The DNS servers, as `ip:port`. Absent: those that resolv.conf, or the system in its own way, names. */
  readonly servers?: readonly string[];
}

const systemRoot = process.env.SystemRoot;
const systemFiles: SystemFiles = {
  hosts: systemRoot === undefined ? "/etc/hosts" : `${systemRoot}\\System32\\drivers\\etc\\hosts`,
  resolvConf: "/etc/resolv.conf",
};

/** A lost packet is noticed after 0.5 s, and then after twice as long. */
const firstTimeoutMs = 500;
const tries = 4;
/** What a lookup may take in all, with every server and every name of the search list. */
const lookupTimeoutMs = 5000;
/** How long the other address family may still take when one has answered; some servers never answer for AAAA. */
const lateFamilyMs = 250;

/**
 * Makes lookups in the DNS, with the time to live of what is found.
 *
 * A query that names a DNS server is asked there, as it is. One that names none is answered as the system's own resolver would:
 * from the hosts file, then from the DNS with the search list of resolv.conf, and last by that resolver itself (getaddrinfo), which
 * knows further sources. It tells no time to live, and blocks a thread, hence last. `localhost` never reaches the DNS (RFC 6761).
 *
 * @param signal ends the questions that are open: whoever wants to leave need not wait for a DNS server that is mute
 */
export function createLookup(files: SystemFiles = systemFiles, signal?: AbortSignal): Lookup {
  return async (query, before) => {
    const resolver = new dns.Resolver({ timeout: firstTimeoutMs, tries });
    const servers = query.server === undefined ? files.servers : [query.server];
    if (servers !== undefined) {
      resolver.setServers(servers);
    }
    const cancel = (): void => resolver.cancel();
    const timer = setTimeout(cancel, lookupTimeoutMs);
    timer.unref();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await new LookupRun(resolver, files, query).run(before);
    } catch (error) {
      throw new Error(describeFailure(query, error), { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      resolver.cancel();
    }
  };
}

/** One lookup. */
class LookupRun {
  readonly #resolver: dns.Resolver;
  readonly #files: SystemFiles;
  readonly #query: NameQuery;

  constructor(resolver: dns.Resolver, files: SystemFiles, query: NameQuery) {
    this.#resolver = resolver;
    this.#files = files;
    this.#query = query;
  }

  run(before: Answer | undefined): Promise<Answer> {
    const { kind, name, server } = this.#query;
    if (kind === "srv") {
      return this.#services(name, before);
    }
    return server === undefined ? this.#asSystem(name, before) : this.#host(name, before?.addresses ?? []);
  }

  async #asSystem(name: string, before: Answer | undefined): Promise<Answer> {
    if (/(^|\.)localhost\.?$/.test(name)) {
      return systemLookup(name);
    }
    const listed = hostsFileAddresses(await readText(this.#files.hosts), name).filter((address) => isIP(address) !== 0);
    if (listed.length > 0) {
      return { addresses: listed.map((host) => ({ host })), ttlMs: undefined };
    }
    const candidates = candidateNames(name, parseSearchRules(await readText(this.#files.resolvConf)));
    const ordered = before?.askedAs === undefined ? candidates : [before.askedAs, ...candidates];
    for (const askedAs of new Set(ordered)) {
      try {
        return { ...(await this.#host(askedAs, before?.addresses ?? [])), askedAs };
      } catch (error) {
        // Only a definite no leads to the next name: after a failure the answer would be about another host.
        if (isUnreachable(error)) {
          break;
        }
        if (!isAbsence(error)) {
          throw error;
        }
      }
    }
    return systemLookup(name);
  }

  async #host(name: string, before: readonly Address[]): Promise<Answer> {
    const v4 = familyAnswer(this.#resolver.resolve4(name, { ttl: true }));
    const v6 = familyAnswer(this.#resolver.resolve6(name, { ttl: true }));
    const first = await Promise.race([v4, v6]);
    const late = first.kind === "records" ? sleep(lateFamilyMs, tooLate, { ref: false }) : undefined;
    const [found4, found6] = await Promise.all(
      [v4, v6].map((family) => Promise.race(late ? [family, late] : [family])),
    );
    const answer = joinFamilies(found4 ?? tooLate, found6 ?? tooLate, before);
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  }

  /** The addresses of the services of the best priority that has any. */
  async #services(name: string, before: Answer | undefined): Promise<Answer> {
    const records = await this.#resolver.resolveSrv(name);
    let failure: unknown = new Error("the answer is empty");
    for (const group of byPriority(records.filter(({ name: host }: SrvRecord) => host !== ""))) {
      const hosts = await Promise.allSettled(group.map(({ name: host }) => this.#host(host, [])));
      const failed = hosts.find((host) => host.status === "rejected" && !isAbsence(host.reason));
      if (failed?.status === "rejected" && before !== undefined) {
        throw failed.reason;
      }
      const answer = joinServices(group, hosts);
      if (answer !== undefined) {
        return answer;
      }
      failure = hosts.find((host) => host.status === "rejected")?.reason ?? failure;
    }
    throw failure;
  }
}

function joinServices(
  group: readonly ServiceRecord[],
  hosts: readonly PromiseSettledResult<Answer>[],
): Answer | undefined {
  let ttlMs: number | undefined;
  const weighted = group.flatMap(({ port, weight }, index) => {
    const host = hosts[index];
    if (host?.status !== "fulfilled") {
      return [];
    }
    ttlMs = shorterTtlMs(ttlMs, host.value.ttlMs);
    return host.value.addresses.map((address) => ({ item: { host: address.host, port }, weight }));
  });
  return weighted.length === 0 ? undefined : { addresses: repeatByWeight(weighted), ttlMs };
}

async function systemLookup(name: string): Promise<Answer> {
  const found = await dns.lookup(name, { all: true });
  return { addresses: found.map(({ address }) => ({ host: address })), ttlMs: undefined };
}

function familyAnswer(records: Promise<readonly AddressRecord[]>): Promise<FamilyAnswer> {
  return records.then(
    (found) => ({ kind: "records", records: found }),
    (error: Error) => ({ kind: isAbsence(error) ? "none" : "failed", error }),
  );
}

const tooLate: FamilyAnswer = { kind: "failed", error: new Error("no answer in time") };

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // A system without the file, e.g. resolv.conf on Windows, has nothing to say in it.
    return "";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The server says that the name, or an address of it, does not exist. */
function isAbsence(error: unknown): boolean {
  return codeOf(error) === "ENOTFOUND" || codeOf(error) === "ENODATA";
}

/** No DNS server listens. The system may know the name without one. */
function isUnreachable(error: unknown): boolean {
  return codeOf(error) === "ECONNREFUSED";
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ["ENOTFOUND", "the name does not exist (NXDOMAIN)"],
  ["ENODATA", "the name has no addresses"],
  ["ESERVFAIL", "the DNS server failed (SERVFAIL)"],
  ["EREFUSED", "the DNS server refused to answer (REFUSED)"],
  ["ETIMEOUT", "the DNS server did not answer in time"],
  ["ECANCELLED", `the DNS server did not answer within ${lookupTimeoutMs / 1000} s`],
  ["ECONNREFUSED", "no DNS server listens there"],
]);

function describeFailure({ kind, name, server }: NameQuery, error: unknown): string {
  const what = kind === "srv" ? "the SRV records" : "the addresses";
  const whom = server === undefined ? "" : `, asked of ${server}`;
  const why = reasons.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
  return `cannot find ${what} of ${name}${whom}: ${why}`;
}
