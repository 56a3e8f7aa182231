// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { breakerRule, describePolicy } from "./describe-policy.ts";
import type { Diagnostic, SourceLocation } from "./diagnostic.ts";
import type { ServiceInspection } from "./inspect-service.ts";
import { type NotExpressible, notExpressible } from "./not-expressible.ts";
import {
  contractOptions,
  methodOptions,
  type OptionField,
  type OptionLeaf,
  type OptionValue,
} from "./option-schema.ts";
import { errorsOf, isWrong } from "./page-errors.ts";
import type { IdempotencyLevel, MethodKind, MethodPolicy } from "./policy.ts";
import { longestWaitMs, mostRequests } from "./worst-case.ts";

/** What a team reads before it depends on a service: plain data, to be printed as JSON or as a page. */
export interface ContractPage {
  /** The full name of the service. */
  readonly service: string;
  /** The file that declares it, as imports write it. */
  readonly file: string;
  /** In the order of the `.proto`. */
  readonly methods: readonly MethodPage[];
  /** What holds for the connection and for all methods alike. */
  readonly values: readonly PageValue[];
  /** What clients in other languages do not get through the service config. Empty with an error: then there is none. */
  readonly notInServiceConfig: readonly NotExpressible[];
  /** What is wrong or doubtful. */
  readonly remarks: readonly Diagnostic[];
}

/** What a caller of one method has to expect, or why nobody knows. */
export type MethodPage = SoundMethodPage | BrokenMethodPage;

/** What a caller of one method has to expect. */
export interface SoundMethodPage extends MethodHead, MethodValues {
  readonly errors?: never;
  /** The deadline that a call gets, or a stream's first message. Absent: none. */
  readonly deadlineMs?: number;
  /** The longest a caller can wait, for a stream until its first message, attempts and delays included. Absent: for ever. */
  readonly longestWaitMs?: number;
  /** How many requests one call sends at most. Along a chain of services that all retry, these numbers multiply. */
  readonly mostRequests: number;
  /** When calling stops for a while. Absent: never. */
  readonly circuitBreaker?: string;
  /** The policies that are on, a sentence each. */
  readonly summary: readonly string[];
}

/** A method whose options have an error: what a caller has to expect is not known. */
export interface BrokenMethodPage extends MethodHead, MethodValues {
  /** The options with an error, of the method or of the service. Empty text: the annotation as a whole. */
  readonly errors: readonly string[];
}

interface MethodHead {
  readonly name: string;
  readonly kind: MethodKind;
  readonly idempotencyLevel: IdempotencyLevel;
}

interface MethodValues {
  /** Every value that holds for the method, and who set it. */
  readonly values: readonly PageValue[];
  /** The method sets nothing itself. */
  readonly inherits: boolean;
}

/** A value of a contract and where it comes from. */
export interface PageValue {
  readonly option: string;
  readonly value: OptionValue;
  /** The option is a message such as `circuit_breaker` that somebody has set with nothing in it. Its value is `"defaults"`. */
  readonly group?: true;
  /** `ms`, `%`, a noun, or empty. */
  readonly unit: string;
  readonly setBy: "default" | "service" | "method";
  /** Counted from 1. Absent for defaults, and where the descriptor does not say it. */
  readonly line?: number;
  /**
   * The line on which the annotation begins that the option stands in. It is there for a group that compilers record no line
   * for, as they do for an empty message inside an annotation.
   */
  readonly annotationLine?: number;
  /** There is an error about this value: it is what the `.proto` says, and nothing that holds. */
  readonly wrong?: true;
}

/**
 * Gathers what a caller has to know about a service: each method's deadline, worst case, load and breaker, every value
 * with the line that sets it, and what service config cannot say.
 */
export function contractPage(inspection: ServiceInspection): ContractPage {
  const { service, contract, diagnostics } = inspection;
  return {
    service: service.typeName,
    file: `${service.file.name}.proto`,
    methods: contract.methods.map((policy, index) => methodPage(policy, service.methods[index], inspection)),
    values: valuesOf(contractOptions, contract, undefined, inspection),
    notInServiceConfig: diagnostics.some(({ severity }) => severity === "error") ? [] : notExpressible(contract),
    remarks: diagnostics,
  };
}

function methodPage(policy: MethodPolicy, method: DescMethod | undefined, inspection: ServiceInspection): MethodPage {
  const { name, kind, idempotencyLevel, responseTimeoutMs } = policy;
  const head = { name, kind, idempotencyLevel };
  const values = valuesOf(methodOptions.fields, policy, method, inspection);
  const tail = { values, inherits: values.every(({ setBy }) => setBy !== "method") };
  const errors = method === undefined ? [] : errorsOf(method, inspection);
  if (errors.length > 0) {
    return { ...head, errors, ...tail };
  }
  const waitMs = longestWaitMs(policy);
  return {
    ...head,
    ...(responseTimeoutMs === undefined ? {} : { deadlineMs: responseTimeoutMs }),
    ...(waitMs === undefined ? {} : { longestWaitMs: waitMs }),
    mostRequests: mostRequests(policy),
    ...(policy.circuitBreaker?.enabled ? { circuitBreaker: breakerRule(policy.circuitBreaker) } : {}),
    summary: describePolicy(policy, inspection.contract),
    ...tail,
  };
}

/** Walks a part of the model along the descriptors of the annotations. */
function valuesOf(
  fields: readonly OptionField[],
  model: object,
  method: DescMethod | undefined,
  inspection: ServiceInspection,
): readonly PageValue[] {
  const properties = model as Readonly<Record<string, unknown>>;
  return fields.flatMap((field): readonly PageValue[] => {
    const value = properties[field.key];
    if (field.kind === "leaf") {
      const row = pageValue(field, value as OptionValue | undefined, method, inspection);
      return row === undefined ? [] : [row];
    }
    if (value === undefined) {
      return [];
    }
    const rows = valuesOf(field.message.fields, value as object, method, inspection);
    const set = rows.filter(({ setBy }) => setBy !== "default");
    const own = set.length === 0 ? groupRow(field.option, method, inspection) : [];
    return [...own, ...(isOff(field.option, properties) ? set : rows)];
  });
}

/** An empty message, such as `circuit_breaker: {}`, sets no value, and yet somebody has switched the policy on. */
function groupRow(option: string, method: DescMethod | undefined, inspection: ServiceInspection): readonly PageValue[] {
  const { setBy, location, annotation } = inspection.originOf(option, method);
  if (setBy === "default") {
    return [];
  }
  const isRecorded = location?.line !== annotation?.line || location?.column !== annotation?.column;
  const place = isRecorded || location?.line === undefined ? lineOf(location) : { annotationLine: location.line };
  return [{ option, value: "defaults", group: true, unit: "", setBy, ...place }];
}

function pageValue(
  { option, limit }: OptionLeaf,
  resolved: OptionValue | undefined,
  method: DescMethod | undefined,
  inspection: ServiceInspection,
): PageValue | undefined {
  const { setBy, location } = inspection.originOf(option, method);
  // A stream without a limit for its first message: the model has nothing there, but somebody has written 0.
  const unlimited = option === "response_timeout_millis" && setBy !== "default" ? 0 : undefined;
  const value = resolved ?? unlimited;
  const wrong = isWrong(option, setBy, method, inspection);
  if (value === undefined || (wrong && setBy === "default")) {
    return undefined;
  }
  return { option, value, unit: limit?.unit ?? "", setBy, ...lineOf(location), ...(wrong ? { wrong } : {}) };
}

function lineOf(location: SourceLocation | undefined): Pick<PageValue, "line"> {
  return location?.line === undefined ? {} : { line: location.line };
}

/** A policy that is there but switched off: its defaults say nothing. */
function isOff(group: string, { retry, circuitBreaker }: Partial<MethodPolicy>): boolean {
  switch (group) {
    case "retry":
      return retry !== undefined && retry.maxAttempts < 2;
    case "circuit_breaker":
      return circuitBreaker !== undefined && !circuitBreaker.enabled;
    default:
      return false;
  }
}
