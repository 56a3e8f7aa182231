// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import type { OptionValue } from "@talaria/contract";
import { type Leaves, option, sameValue } from "./leaves.ts";
import { respondsWithStream } from "./responds-with-stream.ts";

/** What one method must come to. */
export interface MethodTarget {
  readonly method: DescMethod;
  readonly leaves: Leaves;
}

const retryDetails = [
  option.initialBackoff,
  option.maxBackoff,
  option.backoffMultiplier,
  option.retryableStatusCodes,
] as const;

/**
 * Finds what a service can say for its methods: what they agree on, or at least more than half of them. A method that
 * differs says so itself; what it cannot take back, such as a deadline, is then said by each method.
 */
export function commonLeaves(targets: readonly MethodTarget[]): Leaves {
  const streaming = targets.filter(({ method }) => respondsWithStream(method));
  const common = new Map<string, OptionValue>();
  const keep = (name: string, value: OptionValue | undefined): void => {
    if (value !== undefined) {
      common.set(name, value);
    }
  };
  // Only streams can take a limit back, by saying 0.
  const limits = targets.map(
    ({ method, leaves }) => leaves.get(option.responseTimeout) ?? (respondsWithStream(method) ? 0 : undefined),
  );
  const timeout = majority(limits);
  keep(option.responseTimeout, limits.includes(undefined) || timeout === 0 ? undefined : timeout);
  for (const [name, value] of commonRetry(targets)) {
    common.set(name, value);
  }
  if (targets.length > 0 && targets.every(({ leaves }) => leaves.get(option.waitForReady) === true)) {
    common.set(option.waitForReady, true);
  }
  const ends = streaming.map(({ leaves }) => leaves.get(option.streamMaxDuration));
  keep(option.streamMaxDuration, ends.includes(undefined) ? undefined : majority(ends));
  return common;
}

/**
 * Where some methods are retried and some are not, the service says how, and each method whether: a method that is added
 * later is not retried until somebody has decided it.
 */
function commonRetry(targets: readonly MethodTarget[]): Leaves {
  const retried = targets.filter(({ leaves }) => leaves.has(option.maxAttempts));
  const all = retried.length === targets.length;
  if (retried.length === 0 || (!all && retried.length < 2)) {
    return new Map();
  }
  const common = new Map<string, OptionValue>();
  for (const name of retryDetails) {
    const value = majority(retried.map(({ leaves }) => leaves.get(name)));
    if (value !== undefined) {
      common.set(name, value);
    }
  }
  const attempts = all ? majority(retried.map(({ leaves }) => leaves.get(option.maxAttempts))) : 1;
  const worthSaying = all || common.size > 0;
  return worthSaying && attempts !== undefined ? new Map([[option.maxAttempts, attempts], ...common]) : new Map();
}

/** The value that more than half have. */
function majority(values: readonly (OptionValue | undefined)[]): OptionValue | undefined {
  return values.find((value) => values.filter((other) => sameValue(value, other)).length * 2 > values.length);
}
