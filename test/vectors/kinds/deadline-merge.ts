// SPDX-License-Identifier: Apache-2.0
import { deadlineSource, effectiveTimeoutMs } from "../../../runtime/src/engine/deadline.ts";
import type { RunVector } from "../kind.ts";

/** The deadline that holds, and who set it. */
export const runDeadlineMerge: RunVector = (vector, judge) => {
  const input = vector.object("input");
  const callerMs = input.optionalNumber("caller_timeout_millis");
  const inheritedMs = input.optionalNumber("inbound_remaining_millis");
  const contractMs = input.optionalNumber("response_timeout_millis");
  const effectiveMs = effectiveTimeoutMs(callerMs, inheritedMs, contractMs);
  judge.compare(vector.object("expect"), {
    effective_millis: effectiveMs === Number.POSITIVE_INFINITY ? null : effectiveMs,
    set_by: deadlineSource(callerMs, inheritedMs, contractMs),
  });
};
