// SPDX-License-Identifier: Apache-2.0
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { CircuitBreaker, HedgingPolicy, RetryPolicy, RetryThrottling } from "@talaria/contract";
import { clientConfigOption, methodConfigOption, repeatedDefaultOf } from "@talaria/contract";
import type { Fields } from "./fields.ts";

/** Reads `circuit_breaker`, with the built-in defaults for what it does not set. */
export function readBreakerPolicy(fields: Fields): CircuitBreaker {
  return readPolicy(fields, "circuit_breaker") as unknown as CircuitBreaker;
}

/** Reads `retry`. Vectors have a default of their own: 4 attempts. */
export function readRetryPolicy(fields: Fields): RetryPolicy {
  const attempts = fields.has("max_attempts") ? {} : { maxAttempts: 4 };
  return { ...readPolicy(fields, "retry"), ...attempts } as unknown as RetryPolicy;
}

/** Reads `hedging`. */
export function readHedgingPolicy(fields: Fields): HedgingPolicy {
  return readPolicy(fields, "hedging") as unknown as HedgingPolicy;
}

/** Reads `retry_throttling`. */
export function readRetryThrottling(fields: Fields): RetryThrottling {
  return readPolicy(fields, "retry_throttling") as unknown as RetryThrottling;
}

/** Vectors name the fields of a policy as the `.proto` does, so its descriptor says what there is to read. */
function readPolicy(fields: Fields, option: string): Record<string, unknown> {
  const policy: Record<string, unknown> = {};
  for (const field of messageOf(option).fields) {
    const value = fields.has(field.name) ? fields.any(field.name) : defaultOf(field, option);
    if (value !== undefined) policy[field.localName.replace(/Millis$/, "Ms")] = value;
  }
  return policy;
}

function messageOf(option: string): DescMessage {
  for (const root of [clientConfigOption.message, methodConfigOption.message]) {
    const message = root?.fields.find((field) => field.name === option)?.message;
    if (message !== undefined) return message;
  }
  throw new TypeError(`the annotation language has no ${option}`);
}

function defaultOf(field: DescField, option: string): unknown {
  if (field.fieldKind === "list") return repeatedDefaultOf(`${option}.${field.name}`);
  if (field.fieldKind === "enum")
    return field.enum.values.find(({ number }) => number === field.getDefaultValue())?.name;
  if (field.fieldKind !== "scalar") return undefined;
  const value = field.getDefaultValue();
  return value !== undefined && field.scalar === ScalarType.INT64 ? Number(value) : value;
}
