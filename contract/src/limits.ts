// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "./policy.ts";

/** The range of a number in an option. */
export interface Limit {
  /** The least value allowed; with `exclusiveMin`, the greatest value that is not. */
  readonly min: number;
  /** `min` itself is not allowed. */
  readonly exclusiveMin?: true;
  /** The greatest value allowed. `Infinity`: any finite number. */
  readonly max: number;
  /** What 0 means where it is allowed beside the range, as the end of "0 for …". */
  readonly zero?: string;
  /** What the number counts: `ms`, `%`, a noun in the plural, or empty for a bare factor. */
  readonly unit: string;
  /** Why a value outside is refused, as the end of a sentence. Absent where the range speaks for itself. */
  readonly because?: string;
}

/** The longest time an option can say: 24.8 days. Timers of Node fire at once beyond it. */
export const maxMillis = 2_147_483_647;
/** More attempts than this are never made, whatever a contract says (gRFC A6). */
export const mostAttempts = 5;
const maxInt32 = 2_147_483_647;

const time: Limit = {
  min: 1,
  max: maxMillis,
  unit: "ms",
  because: "a timer cannot run for less than 1 ms, and not for longer than 2147483647 ms (24.8 days)",
};
const share: Limit = { min: 0, max: 1, unit: "" };
const rate: Limit = {
  min: 0,
  exclusiveMin: true,
  max: 1,
  unit: "",
  because: "it is a share of the attempts in the window: at 0 the breaker would always open, and above 1 never",
};
const count = (unit: string): Limit => ({ min: 1, max: maxInt32, unit });
const percent: Limit = { min: 0, max: 100, unit: "%" };

/** The ranges that are not those of a time. */
export const limits: Readonly<Record<string, Limit>> = {
  response_timeout_millis: { ...time, zero: "no limit where the response is a stream" },
  max_concurrent_requests: { ...count("calls"), because: "at 0 every call would be refused" },
  "retry.max_attempts": {
    min: 1,
    max: mostAttempts,
    unit: "attempts",
    because: "the first attempt counts, and gRPC clients make no more than 5 (gRFC A6)",
  },
  "retry.backoff_multiplier": {
    min: 0,
    exclusiveMin: true,
    max: Number.POSITIVE_INFINITY,
    unit: "",
    because: "each delay is the one before times this",
  },
  "retry.backoff_jitter": { ...share, because: "it is the share by which each delay is varied" },
  "hedging.max_attempts": {
    min: 2,
    max: mostAttempts,
    unit: "attempts",
    because: "one copy is no hedging, and gRPC clients send no more than 5 (gRFC A6)",
  },
  "retry_throttling.max_tokens": { min: 1, max: 1000, unit: "tokens", because: "gRFC A6 allows no other bucket" },
  "retry_throttling.token_ratio": {
    min: 0.001,
    max: Number.POSITIVE_INFINITY,
    unit: "",
    because: "gRFC A6 keeps three decimals, and at 0 the bucket never fills again",
  },
  "circuit_breaker.failure_rate_threshold": rate,
  "circuit_breaker.slow_call_rate_threshold": rate,
  "circuit_breaker.minimum_request_threshold": count("attempts"),
  "circuit_breaker.open_window_jitter": { ...share, because: "it is the share by which each open window is varied" },
  "circuit_breaker.trial_requests": { ...count("trials"), because: "without a trial an open breaker never closes" },
  "load_balancing.outlier_detection.max_ejection_percent": percent,
  "load_balancing.outlier_detection.failure_percentage_threshold": percent,
  "load_balancing.outlier_detection.minimum_hosts": { min: 0, max: maxInt32, unit: "addresses" },
  "load_balancing.outlier_detection.request_volume": { min: 0, max: maxInt32, unit: "calls" },
};

/**
 * The range of a number, by the option's name in the `.proto`, e.g. `retry.max_attempts`. Undefined for options that are
 * not numbers. Options in `_millis` that have no entry of their own are times: 1 to 2147483647 ms.
 */
export function limitOf(option: string): Limit | undefined {
  return Object.hasOwn(limits, option) ? limits[option] : option.endsWith("_millis") ? time : undefined;
}

/** Says whether a number is in its range. */
export function isWithin(value: number, { min, exclusiveMin, max, zero }: Limit): boolean {
  if (value === 0 && zero !== undefined) {
    return true;
  }
  return Number.isFinite(value) && value <= max && (exclusiveMin ? value > min : value >= min);
}

/** Says a range in words, e.g. `1 to 5 attempts` or `a number above 0, up to 1`. */
export function describeLimit({ min, exclusiveMin, max, unit, zero }: Limit): string {
  const least = exclusiveMin ? `a number above ${min}` : String(min);
  const range = Number.isFinite(max) ? `${least}${exclusiveMin ? ", up to" : " to"} ${max}` : least;
  const open = Number.isFinite(max) || exclusiveMin ? "" : " or more";
  return `${withUnit(range, unit)}${open}${zero === undefined ? "" : `, or 0 for ${zero}`}`;
}

/** Writes a number with its unit: `800 ms`, `1 attempt`, `0.5`. */
export function withUnit(text: string | number, unit: string): string {
  const singular = text === 1 && unit !== "ms" ? unit.replace(/(?<=ss)es$|s$/, "") : unit;
  return unit === "" ? String(text) : `${text} ${singular}`;
}

const repeatedDefaults: ReadonlyMap<string, readonly StatusCode[]> = new Map([
  ["retry.retryable_status_codes", ["UNAVAILABLE"]],
  ["circuit_breaker.failure_status_codes", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "DATA_LOSS"]],
] as const);

/** What an empty repeated option means. proto2 cannot say it, so it stands here. */
export function repeatedDefaultOf(option: string): readonly string[] {
  return repeatedDefaults.get(option) ?? [];
}
