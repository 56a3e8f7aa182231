// SPDX-License-Identifier: Apache-2.0

/**
 * Writes milliseconds as a duration of service config: whole seconds as `2s`, everything else with exactly nine digits,
 * `0.800000000s`. grpc-js takes the digits after the point for nanoseconds, so `0.8s` would be 8 ns there.
 */
export function formatDuration(millis: number): `${string}s` {
  const seconds = Math.floor(millis / 1000);
  const rest = millis % 1000;
  return rest === 0 ? `${seconds}s` : `${seconds}.${String(rest).padStart(3, "0")}000000s`;
}
