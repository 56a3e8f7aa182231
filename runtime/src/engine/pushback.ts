// SPDX-License-Identifier: Apache-2.0

/** What a server says in `grpc-retry-pushback-ms`. */
export type Pushback =
  | { readonly kind: "none" }
  /** Try again after exactly this delay. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** Do not try again. */
  | { readonly kind: "stop" };

const none: Pushback = { kind: "none" };
const stop: Pushback = { kind: "stop" };

/** The longest delay that is a delay: times are 31-bit everywhere in a contract. */
const longestDelayMs = 2_147_483_647;

/**
 * Reads the trailer `grpc-retry-pushback-ms` (gRFC A6, "Pushback"). One whole number of milliseconds is a delay; a
 * negative one, anything unreadable, and several values mean: do not try again.
 *
 * @param value The value, or all values, of the trailer; `undefined` or none when the server sent none.
 */
export function parsePushback(value: string | readonly string[] | undefined): Pushback {
  if (value === undefined) return none;
  const [text, ...further] = typeof value === "string" ? [value] : value;
  if (text === undefined) return none;
  if (further.length > 0 || !/^\d+$/.test(text)) return stop;
  const delayMs = Number(text);
  return delayMs <= longestDelayMs ? { kind: "delay", delayMs } : stop;
}
