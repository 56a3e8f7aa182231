// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  contractOptions,
  methodOptions,
  type OptionField,
  type OptionLeaf,
  type OptionValue,
} from "./option-schema.ts";
import type { IdempotencyLevel, MethodPolicy, ServiceContract } from "./policy.ts";
import type { DeclaredOptions } from "./read-options.ts";

/** What the options of a service and its methods set. */
export interface DeclaredService {
  readonly service: DescService;
  readonly options: DeclaredOptions | undefined;
  readonly methods: readonly DeclaredMethod[];
}

/** What the options of a method set. */
export interface DeclaredMethod {
  readonly method: DescMethod;
  readonly options: DeclaredOptions | undefined;
}

/** Options that mean nothing where the response is a single message. */
const streamOnly: ReadonlySet<string> = new Set(["stream_idle_timeout_millis", "stream_max_duration_millis"]);
const streamFields = methodOptions.fields;
const singleFields = streamFields.filter((field) => !streamOnly.has(field.name));

type Resolved = { [key: string]: OptionValue | Resolved };

/** Merges built-in defaults, the service's options and each method's options, leaf by leaf. */
export function resolveContract({ service, options, methods }: DeclaredService): ServiceContract {
  const layers = options === undefined ? [] : [options];
  const resolved = resolveFields(contractOptions, layers, service);
  const contract = {
    service: service.typeName,
    methods: methods.map((method) => resolvePolicy(method, layers, service)),
    ...resolved,
  };
  // The walk follows the descriptors of the annotations; policy-shape.test.ts proves that the model has their shape.
  return contract as unknown as ServiceContract;
}

function resolvePolicy(
  declared: DeclaredMethod,
  inherited: readonly DeclaredOptions[],
  service: DescService,
): MethodPolicy {
  const { method, options } = declared;
  const layers = options === undefined ? inherited : [...inherited, options];
  const streams = respondsWithStream(method);
  const { responseTimeoutMs, ...resolved } = resolveFields(streams ? streamFields : singleFields, layers, service);
  const timeout = responseTimeoutMs === undefined || (streams && responseTimeoutMs === 0) ? {} : { responseTimeoutMs };
  const policy = {
    name: method.name,
    kind: method.methodKind,
    idempotencyLevel: idempotencyLevelOf(method),
    ...timeout,
    ...resolved,
  };
  return policy as unknown as MethodPolicy;
}

function resolveFields(
  fields: readonly OptionField[],
  layers: readonly DeclaredOptions[],
  service: DescService,
): Resolved {
  const resolved: Resolved = {};
  for (const field of fields) {
    const value = field.kind === "leaf" ? resolveLeaf(field, layers, service) : resolveGroup(field, layers, service);
    if (value !== undefined) {
      resolved[field.key] = value;
    }
  }
  return resolved;
}

function resolveGroup(
  group: Extract<OptionField, { kind: "group" }>,
  layers: readonly DeclaredOptions[],
  service: DescService,
): Resolved | undefined {
  const set = layers.map((layer) => layer.get(group.name)).filter((value) => value instanceof Map);
  return set.length > 0 || group.always ? resolveFields(group.message.fields, set, service) : undefined;
}

function resolveLeaf(
  leaf: OptionLeaf,
  layers: readonly DeclaredOptions[],
  service: DescService,
): OptionValue | undefined {
  for (let index = layers.length - 1; index >= 0; index--) {
    const value = layers[index]?.get(leaf.name);
    if (value !== undefined && !(value instanceof Map)) {
      return value;
    }
  }
  return leaf.option === "health_check.service_name" ? service.typeName : leaf.fallback;
}

/** Server-streaming and bidirectional methods. */
export function respondsWithStream(method: { readonly methodKind: DescMethod["methodKind"] }): boolean {
  return method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
}

function idempotencyLevelOf(method: DescMethod): IdempotencyLevel {
  switch (method.idempotency) {
    case MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS:
      return "NO_SIDE_EFFECTS";
    case MethodOptions_IdempotencyLevel.IDEMPOTENT:
      return "IDEMPOTENT";
    default:
      return "IDEMPOTENCY_UNKNOWN";
  }
}
