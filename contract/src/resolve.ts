// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { mergeOptions } from "./merge-options.ts";
import { respondsWithStream } from "./method-kind.ts";
import { contractOptions, methodOptions, type OptionField, type OptionValue } from "./option-schema.ts";
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

/** Merges built-in defaults, the service's options and each method's options, leaf by leaf. */
export function resolveContract({ service, options, methods }: DeclaredService): ServiceContract {
  const inherited: Inherited = {
    options,
    single: withDefaults(singleFields, options),
    streaming: withDefaults(streamFields, options),
  };
  const contract = {
    service: service.typeName,
    methods: methods.map((declared) => resolvePolicy(declared, inherited)),
    ...withDefaults(contractOptions, options),
  };
  // Why the casts: the walk follows the descriptors of the annotations, and policy-shape.test.ts proves that the
  // interfaces have their shape.
  return nameHealthCheck(contract as unknown as ServiceContract);
}

/** proto2 has no words for a default that depends on the service. */
function nameHealthCheck(contract: ServiceContract): ServiceContract {
  const { healthCheck, service } = contract;
  return healthCheck === undefined
    ? contract
    : { ...contract, healthCheck: { serviceName: healthCheck.serviceName ?? service } };
}

/** Options that mean nothing where the response is a single message. */
const streamOnly: ReadonlySet<string> = new Set(["stream_idle_timeout_millis", "stream_max_duration_millis"]);
const streamFields = methodOptions.fields;
const singleFields = streamFields.filter((field) => !streamOnly.has(field.name));

type Resolved = { readonly [key: string]: OptionValue | Resolved };

/** What a method gets that says nothing itself. */
interface Inherited {
  readonly options: DeclaredOptions | undefined;
  readonly single: Resolved;
  readonly streaming: Resolved;
}

function resolvePolicy({ method, options }: DeclaredMethod, inherited: Inherited): MethodPolicy {
  const streams = respondsWithStream(method.methodKind);
  const { responseTimeoutMs, ...rest } =
    options === undefined
      ? inherited[streams ? "streaming" : "single"]
      : withDefaults(streams ? streamFields : singleFields, mergeOptions(inherited.options, options));
  const unlimited = responseTimeoutMs === undefined || (streams && responseTimeoutMs === 0);
  const policy = {
    name: method.name,
    kind: method.methodKind,
    idempotencyLevel: idempotencyLevelOf(method),
    ...(unlimited ? {} : { responseTimeoutMs }),
    ...rest,
  };
  return policy as unknown as MethodPolicy;
}

function withDefaults(fields: readonly OptionField[], options: DeclaredOptions | undefined): Resolved {
  const resolved: Record<string, OptionValue | Resolved> = {};
  for (const field of fields) {
    const value = resolveField(field, options?.get(field.name));
    if (value !== undefined) {
      resolved[field.key] = value;
    }
  }
  return resolved;
}

function resolveField(
  field: OptionField,
  set: OptionValue | DeclaredOptions | undefined,
): OptionValue | Resolved | undefined {
  if (field.kind === "leaf") {
    return set === undefined || set instanceof Map ? field.fallback : set;
  }
  const inner = set instanceof Map ? set : undefined;
  return inner !== undefined || field.always ? withDefaults(field.message.fields, inner) : undefined;
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
