// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from "node:net";

/** An address of a name; with a port where the source gives one, as SRV records do. */
export interface Address {
  readonly host: string;
  readonly port?: number;
}

/** What a lookup found: at least one address. */
export interface Answer {
  readonly addresses: readonly Address[];
  /** How long it holds: the shortest time to live of the records it is made of. Absent: the source does not say. */
  readonly ttlMs: number | undefined;
  /** The full name that the answer is about, where a search list had to be tried. */
  readonly askedAs?: string;
}

/** A record as `node:dns` returns it with `{ ttl: true }`. It has no TTL for records after the 256th. */
export interface AddressRecord {
  readonly address: string;
  /** In seconds. */
  readonly ttl?: number;
}

/** What was found in one address family. */
export type FamilyAnswer =
  | { readonly kind: "records"; readonly records: readonly AddressRecord[] }
  /** The server says that there are none. */
  | { readonly kind: "none"; readonly error: Error }
  /** It is not known whether there are any. */
  | { readonly kind: "failed"; readonly error: Error };

/**
 * Joins what was found in both families. A family that could not be asked keeps the addresses it had, as long as the other
 * one answered. Returns the error when there is no address, or when it is not known which.
 */
export function joinFamilies(v4: FamilyAnswer, v6: FamilyAnswer, before: readonly Address[]): Answer | Error {
  const found = [v4, v6].flatMap((family) => (family.kind === "records" ? family.records : []));
  if (found.length === 0) {
    const families = [v4, v6].filter((family) => family.kind !== "records");
    return (families.find(({ kind }) => kind === "failed") ?? families[0])?.error ?? noRecords;
  }
  const kept = before.filter(({ host }) => (isIPv6(host) ? v6 : v4).kind === "failed");
  return { addresses: [...found.map(({ address }) => ({ host: address })), ...kept], ttlMs: shortestTtlMs(found) };
}

const noRecords = new Error("the answer is empty");

/** The shortest time to live among records, in milliseconds. Undefined when none says. */
function shortestTtlMs(records: readonly AddressRecord[]): number | undefined {
  const seconds = records.reduce((least, { ttl }) => Math.min(least, ttl ?? least), Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** The shorter of two times to live, where each may be unknown. */
export function shorterTtlMs(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Writes an address as grpc-js does: `10.0.0.1:443`, `[::1]:443`. */
export function formatAddress({ host, port }: Address): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

/** Whether two lists have the same addresses, each as often, in whatever order. */
export function sameAddresses(a: readonly Address[], b: readonly Address[]): boolean {
  if (a.length !== b.length) {
    return false;
  }
  const sorted = b.map(formatAddress).sort();
  return a
    .map(formatAddress)
    .sort()
    .every((address, index) => address === sorted[index]);
}
