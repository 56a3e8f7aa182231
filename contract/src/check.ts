// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { fieldNumbersOf, forEachLeaf, locationOf } from "./declared.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Limit } from "./limits.ts";
import type { Locate } from "./locate.ts";
import {
  methodOptions,
  type OptionLeaf,
  type OptionMessage,
  type OptionValue,
  serviceOptions,
} from "./option-schema.ts";
import type { ServiceContract } from "./policy.ts";
import type { DeclaredOptions } from "./read-options.ts";
import type { DeclaredService } from "./resolve.ts";

/** Checks what the options say, value by value and together. */
export function checkContract(declared: DeclaredService, _contract: ServiceContract, locate: Locate): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  checkRanges(declared.service, declared.options, serviceOptions, locate, diagnostics);
  for (const { method, options } of declared.methods) {
    checkRanges(method, options, methodOptions, locate, diagnostics);
  }
  return diagnostics;
}

function checkRanges(
  on: DescService | DescMethod,
  options: DeclaredOptions | undefined,
  message: OptionMessage,
  locate: Locate,
  diagnostics: Diagnostic[],
): void {
  forEachLeaf(options, message, (leaf, value) => {
    const text = rangeError(leaf, value);
    if (text !== undefined) {
      diagnostics.push({
        code: "out-of-range",
        severity: "error",
        message: text,
        element: on.kind === "rpc" ? `${on.parent.typeName}.${on.name}` : on.typeName,
        option: leaf.option,
        location: locationOf(on, fieldNumbersOf(leaf.option, on), locate),
      });
    }
  });
}

function rangeError({ option, limit }: OptionLeaf, value: OptionValue): string | undefined {
  if (limit === undefined || typeof value !== "number" || isWithin(value, limit)) {
    return undefined;
  }
  const because = limit.because === undefined ? "" : `: ${limit.because}`;
  return `${option} is ${quantity(value, limit.unit)}${because}. Write ${describeLimit(limit)}.`;
}

function isWithin(value: number, { min, exclusiveMin, max }: Limit): boolean {
  return Number.isFinite(value) && value <= max && (exclusiveMin ? value > min : value >= min);
}

function quantity(value: number, unit: string): string {
  return unit === "" ? String(value) : `${value} ${unit}`;
}

function describeLimit({ min, exclusiveMin, max, unit }: Limit): string {
  const least = exclusiveMin ? `a number above ${min}` : `${min}`;
  if (max === Number.POSITIVE_INFINITY) {
    return exclusiveMin ? least : `${least} or more`;
  }
  return quantity2(exclusiveMin ? `${least}, up to ${max}` : `${least} to ${max}`, unit);
}

function quantity2(text: string, unit: string): string {
  return unit === "" ? text : `${text} ${unit}`;
}
