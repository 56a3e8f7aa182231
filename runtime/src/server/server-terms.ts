// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { ServiceContract } from "@talaria/contract";

/** What the contracts of the services on one port ask of their server, joined. All times in milliseconds. */
export interface ServerTerms {
  /** The full names of the services. */
  readonly services: readonly string[];
  /** The names that clients ask the health service for: the services, and those their contracts name. */
  readonly healthNames: readonly string[];
  /** Who presents a certificate. */
  readonly securityMode: ServiceContract["transportSecurity"]["mode"];
  /** A connection is asked to close after this time, ±10 %: the shortest of all. */
  readonly maxAgeMs: number;
  /** How long the calls on such a connection may still take: the longest of all. */
  readonly maxAgeGraceMs: number;
  /** A connection without calls is closed after this time: the shortest of all. Absent: it is not. */
  readonly maxIdleMs?: number;
  /** How often the server pings: the shortest of all. */
  readonly keepaliveTimeMs: number;
  /** How long it waits for the answer: the longest of all. */
  readonly keepaliveTimeoutMs: number;
  /** The shortest interval between a client's pings that is permitted: the shortest of all. */
  readonly minPingIntervalMs: number;
  /** Whether a client may ping as often while it has no call: if any contract says so. */
  readonly permitPingsWithoutCalls: boolean;
  /** How long the server goes on serving after NOT_SERVING: the longest of all; 0 where no contract has `drain`. */
  readonly noticeMs: number;
  /** How long calls in flight may take after that: the longest of all; `maxAgeGraceMs` where a contract has no `drain`. */
  readonly graceMs: number;
}

/**
 * Joins the contracts of the services on one port. Connections are shared, so each number becomes the one that keeps every
 * contract's promise: limits that a client meets by reconnecting are the shortest, times that calls and pings are allowed
 * are the most generous.
 *
 * @throws ConnectError INVALID_ARGUMENT when there is no contract, when two are of one service, or when they want different
 * `transport_security.mode`: one port speaks one of them.
 */
export function joinTerms(contracts: readonly ServiceContract[]): ServerTerms {
  const [first] = contracts;
  if (first === undefined) {
    throw new ConnectError("a server needs the contract of at least one service", Code.InvalidArgument);
  }
  refuseContradictions(contracts, first);
  const shortest = (pick: (contract: ServiceContract) => number): number => Math.min(...contracts.map(pick));
  const longest = (pick: (contract: ServiceContract) => number): number => Math.max(...contracts.map(pick));
  const maxIdleMs = shortest(({ connection }) => connection.maxIdleMs ?? Number.POSITIVE_INFINITY);
  const services = contracts.map(({ service }) => service);
  return {
    services,
    healthNames: [...new Set(contracts.flatMap((contract) => [contract.service, ...watchedName(contract)]))],
    securityMode: first.transportSecurity.mode,
    maxAgeMs: shortest(({ connection }) => connection.maxAgeMs),
    maxAgeGraceMs: longest(({ connection }) => connection.maxAgeGraceMs),
    ...(Number.isFinite(maxIdleMs) ? { maxIdleMs } : {}),
    keepaliveTimeMs: shortest(({ keepalive }) => keepalive.timeMs),
    keepaliveTimeoutMs: longest(({ keepalive }) => keepalive.timeoutMs),
    minPingIntervalMs: shortest(({ keepalive }) => keepalive.serverMinTimeMs),
    permitPingsWithoutCalls: contracts.some(({ keepalive }) => keepalive.permitWithoutCalls),
    noticeMs: longest(({ drain }) => drain?.noticeMs ?? 0),
    graceMs: longest(({ drain, connection }) => drain?.graceMs ?? connection.maxAgeGraceMs),
  };
}

function watchedName({ healthCheck }: ServiceContract): string[] {
  return healthCheck === undefined || healthCheck.serviceName === "" ? [] : [healthCheck.serviceName];
}

function refuseContradictions(contracts: readonly ServiceContract[], first: ServiceContract): void {
  const twice = contracts.find(
    ({ service }, index) => contracts.findIndex((other) => other.service === service) < index,
  );
  if (twice !== undefined) {
    throw new ConnectError(`the contract of ${twice.service} is given twice`, Code.InvalidArgument);
  }
  const other = contracts.find(({ transportSecurity }) => transportSecurity.mode !== first.transportSecurity.mode);
  if (other !== undefined) {
    throw new ConnectError(
      `${first.service} wants transport_security.mode ${first.transportSecurity.mode} and ${other.service} wants ` +
        `${other.transportSecurity.mode}: serve them on two ports`,
      Code.InvalidArgument,
    );
  }
}
