// SPDX-License-Identifier: Apache-2.0
import type { DescMessage } from "@bufbuild/protobuf";
import { clientConfigOption, methodConfigOption, type OptionValue, repeatedDefaultOf } from "@talaria/contract";

/** Values of options, by their names from the annotation down, e.g. `retry.max_attempts`. */
export type Leaves = ReadonlyMap<string, OptionValue>;

/** The names of the options in use here. */
export const option = {
  responseTimeout: "response_timeout_millis",
  streamMaxDuration: "stream_max_duration_millis",
  waitForReady: "wait_for_ready",
  maxAttempts: "retry.max_attempts",
  initialBackoff: "retry.initial_backoff_millis",
  maxBackoff: "retry.max_backoff_millis",
  backoffMultiplier: "retry.backoff_multiplier",
  retryableStatusCodes: "retry.retryable_status_codes",
  hedgingAttempts: "hedging.max_attempts",
  hedgingDelay: "hedging.hedging_delay_millis",
  nonFatalStatusCodes: "hedging.non_fatal_status_codes",
} as const;

/** Says whether two values mean the same. The order of a list of status codes means nothing. */
export function sameValue(a: OptionValue | undefined, b: OptionValue | undefined): boolean {
  if (typeof a === "object" && typeof b === "object") {
    return a.toSorted().join() === b.toSorted().join();
  }
  return a === b;
}

/** The default of an option, as the annotation language declares it. */
export function defaultOf(name: string): OptionValue | undefined {
  const [first = "", ...rest] = name.split(".");
  for (const { message } of [methodConfigOption, clientConfigOption]) {
    const value = message === undefined ? undefined : lookUp(message, [first, ...rest], name);
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

function lookUp(message: DescMessage, [head, ...rest]: readonly string[], name: string): OptionValue | undefined {
  const field = message.fields.find((candidate) => candidate.name === head);
  switch (field?.fieldKind) {
    case "message":
      return lookUp(field.message, rest, name);
    case "list":
      return repeatedDefaultOf(name);
    case "enum":
      return field.enum.value[Number(field.getDefaultValue())]?.name;
    case "scalar": {
      const value = field.getDefaultValue();
      return typeof value === "bigint" ? Number(value) : value instanceof Uint8Array ? undefined : value;
    }
    default:
      return undefined;
  }
}
