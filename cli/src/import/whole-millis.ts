// SPDX-License-Identifier: Apache-2.0
import { type ConfigDuration, durationMillis, limitOf } from "@talaria/contract";
import type { Note } from "./import-finding.ts";
import { option } from "./leaves.ts";

/** Milliseconds as options hold them: whole, rounded up. */
export function wholeMillis(duration: ConfigDuration, path: string, notes: Note[]): number {
  const millis = durationMillis(duration);
  const whole = Math.max(1, Math.ceil(millis));
  const most = limitOf(option.responseTimeout)?.max ?? whole;
  if (whole > most) {
    notes.push({
      code: "time-too-long",
      severity: "error",
      path,
      message: `${millis} ms is longer than a timer can run.`,
      done: `Written as ${most} ms (24.8 days).`,
    });
    return most;
  }
  if (whole !== millis) {
    notes.push({
      code: "time-not-whole",
      severity: "error",
      path,
      message: `${millis} ms is no whole number of milliseconds, and options have no smaller unit.`,
      done: `Written as ${whole} ms.`,
    });
  }
  return whole;
}
