// SPDX-License-Identifier: Apache-2.0
import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import type { NameResolution } from "@talaria/contract";
import {
  type Address,
  type Answer,
  createLookup,
  formatAddress,
  type HostPort,
  type NameQuery,
} from "@talaria/runtime/diagnose";
import { type Budget, NotInTime } from "./budget.ts";
import type { Finding } from "./check.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { sayTime } from "./say-duration.ts";

/** What a name of the target stands for. */
interface Source {
  readonly name: string;
  readonly kind: NameQuery["kind"];
  /** The DNS servers. Empty: the system answered without asking one that we know of. */
  readonly servers: readonly string[];
  /** The full name, where a search list had completed it. */
  readonly askedAs?: string;
  /** The names that it is an alias for, one for another. */
  readonly aliases: readonly string[];
  /** SRV records as `priority weight port host`. */
  readonly records: readonly string[];
  readonly addresses: readonly string[];
  readonly ttlMs?: number;
  readonly error?: string;
}

/** Resolves the target as a client would, and asks for what a client does not need to know. */
export async function resolveTarget(
  { parsed, expected }: DoctorPlan,
  budget: Budget,
): Promise<{ finding: Finding; addresses: readonly Address[] }> {
  const startedMs = performance.now();
  const parts: readonly (HostPort | string)[] = parsed.kind === "srv" ? [parsed.name] : parsed.hosts;
  const found = await Promise.all(
    parts.map(async (part): Promise<{ addresses: readonly Address[]; source?: Source }> => {
      if (typeof part !== "string" && isIP(part.host) !== 0) {
        return { addresses: [part] };
      }
      const isService = typeof part === "string";
      const query: NameQuery = {
        kind: isService ? "srv" : "host",
        name: isService ? part : part.host,
        server: parsed.server,
      };
      const { answer, error } = await lookUp(query, budget);
      const addresses = (answer?.addresses ?? []).map(({ host, port }) => ({
        host,
        port: isService ? (port ?? 0) : part.port,
      }));
      return { addresses, source: await describe(query, answer, error, addresses, budget) };
    }),
  );
  const all = new Map(found.flatMap(({ addresses }) => addresses).map((address) => [formatAddress(address), address]));
  const sources = found.flatMap(({ source }) => source ?? []);
  const elapsedMs = performance.now() - startedMs;
  return {
    finding: { ...judge([...all.keys()], sources, expected?.contract.nameResolution), elapsedMs },
    addresses: [...all.values()],
  };
}

async function lookUp(query: NameQuery, budget: Budget): Promise<{ answer?: Answer; error?: string }> {
  const over = new AbortController();
  try {
    return { answer: await budget.wait(createLookup(undefined, over.signal)(query, undefined)) };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    over.abort();
  }
}

function messageOf(error: unknown): string {
  if (error instanceof NotInTime) {
    return `no answer within ${sayTime(Math.round(error.limitMs))}`;
  }
  if (!(error instanceof Error) || error.name === "AbortError") {
    throw error;
  }
  return error.message;
}

async function describe(
  { kind, name, server }: NameQuery,
  answer: Answer | undefined,
  error: string | undefined,
  addresses: readonly Address[],
  budget: Budget,
): Promise<Source> {
  const resolver = new dns.Resolver({ timeout: 500, tries: 2 });
  if (server !== undefined) {
    resolver.setServers([server]);
  }
  const fromDns = server !== undefined || answer?.askedAs !== undefined || kind === "srv" || error !== undefined;
  const asked = answer?.askedAs ?? name;
  try {
    const [aliases, records] =
      fromDns && answer !== undefined
        ? await Promise.all([
            kind === "host" ? aliasesOf(asked, resolver, budget) : [],
            kind === "srv" ? recordsOf(asked, resolver, budget) : [],
          ])
        : [[], []];
    return {
      name,
      kind,
      servers: fromDns ? (server === undefined ? resolver.getServers() : [server]) : [],
      ...(answer?.askedAs !== undefined && answer.askedAs !== name ? { askedAs: answer.askedAs } : {}),
      aliases,
      records,
      addresses: addresses.map(formatAddress),
      ...(answer?.ttlMs === undefined ? {} : { ttlMs: answer.ttlMs }),
      ...(error === undefined ? {} : { error }),
    };
  } finally {
    resolver.cancel();
  }
}

const mostAliases = 8;

async function aliasesOf(name: string, resolver: dns.Resolver, budget: Budget): Promise<readonly string[]> {
  const aliases: string[] = [];
  let last = name;
  while (aliases.length < mostAliases) {
    const [next] = await unlessLate(resolver.resolveCname(last), budget);
    if (next === undefined || aliases.includes(next)) {
      break;
    }
    aliases.push(next);
    last = next;
  }
  return aliases;
}

async function recordsOf(name: string, resolver: dns.Resolver, budget: Budget): Promise<readonly string[]> {
  const records = await unlessLate(resolver.resolveSrv(name), budget);
  return records.map(({ priority, weight, port, name: host }) => `${priority} ${weight} ${port} ${host}`).sort();
}

const extraMs = 1000;

/** What is good to know, but not worth waiting for. */
async function unlessLate<T>(records: Promise<readonly T[]>, budget: Budget): Promise<readonly T[]> {
  try {
    return await budget.within(extraMs).wait(records.catch(() => []));
  } catch (error) {
    if (error instanceof NotInTime) {
      return [];
    }
    throw error;
  }
}

function judge(addresses: readonly string[], sources: readonly Source[], policy: NameResolution | undefined): Finding {
  const failed = sources.filter(({ error }) => error !== undefined);
  const data = { addresses, sources };
  const details = sources.flatMap((source) => detailsOf(source, policy));
  if (addresses.length === 0) {
    const message = failed[0]?.error ?? "the target has no addresses";
    return { verdict: "problem", message, details: details.filter((line) => line !== message), data };
  }
  const message = `${addresses.length === 1 ? "1 address" : `${addresses.length} addresses`}: ${listSome(addresses)}`;
  return { verdict: failed.length > 0 ? "warning" : "ok", message, details, data };
}

const mostListed = 8;

function listSome(addresses: readonly string[]): string {
  const more = addresses.length - mostListed;
  return more > 0 ? `${addresses.slice(0, mostListed).join(", ")} and ${more} more` : addresses.join(", ");
}

function detailsOf(source: Source, policy: NameResolution | undefined): readonly string[] {
  const { name, servers, askedAs, aliases, records, ttlMs, error } = source;
  if (error !== undefined) {
    return [error, ...(error.includes("asked of") ? [] : [`DNS servers: ${servers.join(", ") || "none"}`])];
  }
  const whom =
    servers.length > 0
      ? `from DNS server ${servers.join(" or ")}`
      : "from the hosts file or the system's own resolver, which tell no time to live";
  const path = [name, ...(askedAs === undefined ? [] : [askedAs]), ...aliases].join(" -> ");
  const ttl = ttlMs === undefined ? "" : `, TTL ${sayTime(ttlMs)}${bounded(ttlMs, policy)}`;
  return [`${path} ${whom}${ttl}`, ...records.map((record) => `SRV ${record}`)];
}

/** What a client makes of a time to live. */
function bounded(ttlMs: number, policy: NameResolution | undefined): string {
  if (policy === undefined) {
    return "";
  }
  const taken = Math.min(Math.max(ttlMs, policy.minTtlMs), policy.maxTtlMs);
  return taken === ttlMs ? "" : ` (a client asks again after ${sayTime(taken)}, by name_resolution)`;
}
