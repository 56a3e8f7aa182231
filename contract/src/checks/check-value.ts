// SPDX-License-Identifier: Apache-2.0
import { describeLimit, isWithin, withUnit } from "../limits.ts";
import type { OptionLeaf, OptionValue } from "../option-schema.ts";
import { checkHeaderName } from "./check-header-name.ts";
import { checkServerIdentity } from "./check-server-identity.ts";

/** What is wrong with one value, or with one element of a list. */
export interface ValueFinding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** The position in the list, from 0. Absent: the value as a whole. */
  readonly index?: number;
}

/** Checks a value for itself, whatever stands around it. */
export function checkValue(leaf: OptionLeaf, value: OptionValue): readonly ValueFinding[] {
  if (typeof value === "number") {
    return checkNumber(leaf, value);
  }
  if (typeof value === "boolean") {
    return none;
  }
  return typeof value === "string" ? checkText(leaf.option, value) : checkList(leaf.option, value);
}

const none: readonly ValueFinding[] = [];

function checkNumber({ option, limit }: OptionLeaf, value: number): readonly ValueFinding[] {
  if (limit !== undefined && !isWithin(value, limit)) {
    const because = limit.because === undefined ? "" : `: ${limit.because}`;
    const message = `${option} is ${withUnit(value, limit.unit)}${because}. Write ${describeLimit(limit)}.`;
    return [{ code: "out-of-range", severity: "error", message }];
  }
  return option === "retry_throttling.token_ratio" ? checkTokenRatio(value) : none;
}

function checkTokenRatio(value: number): readonly ValueFinding[] {
  if (Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-6) {
    return [];
  }
  const message =
    `retry_throttling.token_ratio is ${value}: gRPC clients of other languages read three decimals (gRFC A6) and drop ` +
    `the rest. Write ${Math.round(value * 1000) / 1000}.`;
  return [{ code: "retry-throttling-precision", severity: "warning", message }];
}

function checkText(option: string, value: string): readonly ValueFinding[] {
  if (option !== "authentication.audience" || value !== "") {
    return [];
  }
  const message =
    "authentication.audience is empty: no token is issued for nobody. Name the audience, or remove the line.";
  return [{ code: "empty-audience", severity: "error", message }];
}

function checkList(option: string, values: readonly string[]): readonly ValueFinding[] {
  return values.flatMap((value, index) => {
    const found = values.indexOf(value) < index ? duplicate(option, value) : checkElement(option, value);
    return found === undefined ? [] : [{ ...found, index }];
  });
}

function duplicate(option: string, value: string): ValueFinding {
  return { code: "duplicate-value", severity: "warning", message: `${option} names ${value} twice. Remove one.` };
}

const whatOkMeans: ReadonlyMap<string, string> = new Map([
  ["retry.retryable_status_codes", "a call that succeeded is not tried again"],
  ["hedging.non_fatal_status_codes", "a success ends the call"],
  ["circuit_breaker.failure_status_codes", "a success is no failure"],
]);

function checkElement(option: string, value: string): ValueFinding | undefined {
  const okMeans = whatOkMeans.get(option);
  if (okMeans !== undefined) {
    const message = `${option} lists OK: ${okMeans}, and gRPC for Java refuses such a list. Remove it.`;
    return value === "OK" ? { code: "status-code-ok", severity: "error", message } : undefined;
  }
  switch (option) {
    case "required_headers":
      return checkHeaderName(value);
    case "transport_security.server_identity":
      return checkServerIdentity(value);
    default:
      return undefined;
  }
}
