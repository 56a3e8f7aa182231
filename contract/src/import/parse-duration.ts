// SPDX-License-Identifier: Apache-2.0

/** A span of time as proto JSON writes it, exactly. Both parts are whole and not negative. */
export interface ConfigDuration {
  readonly seconds: number;
  /** Below 1,000,000,000. */
  readonly nanos: number;
}

/** What `google.protobuf.Duration` can hold: about 10,000 years. */
const maxSeconds = 315_576_000_000;

/**
 * Reads a duration of service config, e.g. `60s`, `0.8s` or `.1s`: seconds in decimal with at most nine digits after the
 * point, and an `s`. Undefined for anything else, and for negative times, which no client can obey.
 */
export function parseDuration(text: string): ConfigDuration | undefined {
  const [match, whole = "", fraction = ""] = /^(\d*)(?:\.(\d{1,9}))?s$/.exec(text) ?? [];
  const seconds = Number(whole);
  if (match === undefined || match === "s" || seconds > maxSeconds) {
    return undefined;
  }
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
}

/** A duration in milliseconds; not whole where the duration is not. */
export function durationMillis({ seconds, nanos }: ConfigDuration): number {
  return seconds * 1000 + nanos / 1_000_000;
}
