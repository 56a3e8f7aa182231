// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { respondsWithStream } from "./method-kind.ts";
import { contractOptions, methodOptions } from "./option-schema.ts";
import { overlay, type ResolvedOptions } from "./overlay.ts";
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

/** Lays the service's options over the built-in defaults, and each method's options over those, leaf by leaf. */
export function resolveContract({ service, options, methods }: DeclaredService): ServiceContract {
  const inherited = overlay(methodOptions.fields, undefined, options);
  const contract = {
    service: service.typeName,
    methods: methods.map((declared) => resolvePolicy(declared, inherited)),
    ...overlay(contractOptions, undefined, options),
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

function resolvePolicy({ method, options }: DeclaredMethod, inherited: ResolvedOptions): MethodPolicy {
  const streams = respondsWithStream(method.methodKind);
  const { responseTimeoutMs, ...rest } = overlay(streams ? streamFields : singleFields, inherited, options);
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
