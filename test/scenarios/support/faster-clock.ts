// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../../../runtime/src/clock.ts";
import { backgroundClock } from "../../../runtime/src/grpc-js/resolver/name-pollers.ts";

/** The clock of the process, running `speed` times as fast. */
export function fasterClock(speed: number): Clock {
  return {
    nowMs: () => backgroundClock.nowMs() * speed,
    setTimer: (task, delayMs) => backgroundClock.setTimer(task, delayMs / speed),
    clearTimer: (timer) => backgroundClock.clearTimer(timer),
  };
}
