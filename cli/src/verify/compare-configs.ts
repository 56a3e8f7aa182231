// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import {
  type ConfigDuration,
  durationMillis,
  type ParsedHedgingPolicy,
  type ParsedMethodConfig,
  type ParsedRetryPolicy,
} from "@talaria/contract";

/** One thing that two configs say differently about a method. Undefined: it says nothing. */
export interface Difference {
  /** As service config names it, e.g. `retryPolicy.maxAttempts`. */
  readonly field: string;
  readonly found: string | undefined;
  readonly expected: string | undefined;
}

type Entry = Partial<ParsedMethodConfig>;

/** Compares what two entries mean for a method, field by field. An absent entry says nothing. */
export function compareMethodConfigs(found: Entry | undefined, expected: Entry | undefined): readonly Difference[] {
  const [a, b] = [fieldsOf(found ?? {}), fieldsOf(expected ?? {})];
  const wholes = new Set(["retryPolicy", "hedgingPolicy"].filter((field) => a.has(field) !== b.has(field)));
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names
    .filter((field) => a.get(field) !== b.get(field))
    .filter((field) => wholes.has(field) || !wholes.has(field.split(".")[0] ?? ""))
    .map((field) => ({ field, found: a.get(field), expected: b.get(field) }));
}

/** Everything an entry says, as text with units. */
function fieldsOf(entry: Entry): ReadonlyMap<string, string> {
  const { timeout, waitForReady, retryPolicy, hedgingPolicy, maxRequestMessageBytes, maxResponseMessageBytes } = entry;
  const fields: [string, string | undefined][] = [
    ["timeout", time(timeout)],
    ["waitForReady", waitForReady === true ? "true" : undefined],
    ["maxRequestMessageBytes", bytes(maxRequestMessageBytes)],
    ["maxResponseMessageBytes", bytes(maxResponseMessageBytes)],
    ...(retryPolicy === undefined ? [] : retryFields(retryPolicy)),
    ...(hedgingPolicy === undefined ? [] : hedgingFields(hedgingPolicy)),
  ];
  return new Map(fields.filter((field): field is [string, string] => field[1] !== undefined));
}

function retryFields(policy: ParsedRetryPolicy): [string, string | undefined][] {
  const { maxAttempts, initialBackoff, maxBackoff, backoffMultiplier, retryableStatusCodes = [] } = policy;
  return [
    ["retryPolicy", `up to ${maxAttempts} attempts on ${codes(retryableStatusCodes)}`],
    ["retryPolicy.maxAttempts", maxAttempts?.toString()],
    ["retryPolicy.initialBackoff", time(initialBackoff)],
    ["retryPolicy.maxBackoff", time(maxBackoff)],
    ["retryPolicy.backoffMultiplier", backoffMultiplier?.toString()],
    ["retryPolicy.retryableStatusCodes", codes(retryableStatusCodes)],
  ];
}

function hedgingFields({
  maxAttempts,
  hedgingDelay,
  nonFatalStatusCodes,
}: ParsedHedgingPolicy): [string, string | undefined][] {
  return [
    ["hedgingPolicy", `up to ${maxAttempts} copies, a further one every ${time(hedgingDelay) ?? "0 s"}`],
    ["hedgingPolicy.maxAttempts", maxAttempts?.toString()],
    ["hedgingPolicy.hedgingDelay", time(hedgingDelay)],
    ["hedgingPolicy.nonFatalStatusCodes", codes(nonFatalStatusCodes)],
  ];
}

/** In one order, because the order of a list of codes means nothing. */
function codes(list: readonly string[]): string {
  return list.length === 0 ? "none" : list.toSorted().join(", ");
}

function time(duration: ConfigDuration | undefined): string | undefined {
  return duration === undefined ? undefined : `${durationMillis(duration) / 1000} s`;
}

function bytes(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count} bytes`;
}

/** Says whether two parts of a config are the same, wherever they stand. */
export function sameApartFromPlaces(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(withoutPlaces(a), withoutPlaces(b));
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null, (key, inner) => (key === "path" ? undefined : inner)));
}
