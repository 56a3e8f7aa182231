// SPDX-License-Identifier: Apache-2.0
import {
  create,
  type DescField,
  type DescMessage,
  type DescService,
  type MessageShape,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { describe, expect, test } from "vitest";
import { buildService } from "../../test/contract/build-service.ts";
import {
  Authentication_SchemeSchema,
  CircuitBreaker_ScopeSchema,
  CodeSchema,
  LoadBalancing_PolicySchema,
  MethodClientConfigSchema,
  ServiceClientConfigSchema,
  TransportSecurity_ModeSchema,
} from "./gen/service_client_config_pb.ts";
import { inspectService } from "./inspect-service.ts";
import { isWithin, limits } from "./limits.ts";
import { methodOptions, type OptionLeaf, type OptionMessage, serviceOptions } from "./option-schema.ts";
import type {
  Authentication,
  CircuitBreaker,
  LoadBalancing,
  ServiceContract,
  StatusCode,
  TransportSecurity,
} from "./policy.ts";

type Complete<T> = T extends readonly (infer E)[]
  ? readonly Complete<E>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Complete<T[K]> }
    : T;

/** Every property of the model with a value of its type: the compiler refuses one too few and one too many. */
const complete: Complete<ServiceContract> = {
  service: "test.Service",
  methods: [
    {
      name: "Watch",
      kind: "server_streaming",
      idempotencyLevel: "IDEMPOTENCY_UNKNOWN",
      responseTimeoutMs: 7,
      retry: {
        maxAttempts: 7,
        initialBackoffMs: 7,
        maxBackoffMs: 7,
        backoffMultiplier: 7,
        backoffJitter: 7,
        retryableStatusCodes: ["OK"],
        perAttemptTimeoutMs: 7,
      },
      circuitBreaker: {
        enabled: true,
        scope: "METHOD",
        failureRateThreshold: 7,
        minimumRequestThreshold: 7,
        counterSlidingWindowMs: 7,
        counterUpdateIntervalMs: 7,
        circuitOpenWindowMs: 7,
        maxCircuitOpenWindowMs: 7,
        openWindowJitter: 7,
        trialRequestIntervalMs: 7,
        trialRequests: 7,
        slowCallDurationMs: 7,
        slowCallRateThreshold: 7,
        failureStatusCodes: ["OK"],
      },
      waitForReady: true,
      streamIdleTimeoutMs: 7,
      streamMaxDurationMs: 7,
      hedging: { maxAttempts: 7, hedgingDelayMs: 7, nonFatalStatusCodes: ["OK"] },
      maxConcurrentRequests: 7,
      authentication: { scheme: "NONE", audience: "x" },
      requiredHeaders: ["x"],
    },
  ],
  retryThrottling: { maxTokens: 7, tokenRatio: 7 },
  loadBalancing: {
    policy: "PICK_FIRST",
    outlierDetection: {
      intervalMs: 7,
      baseEjectionTimeMs: 7,
      maxEjectionTimeMs: 7,
      maxEjectionPercent: 7,
      failurePercentageThreshold: 7,
      minimumHosts: 7,
      requestVolume: 7,
    },
  },
  keepalive: { timeMs: 7, timeoutMs: 7, permitWithoutCalls: true, serverMinTimeMs: 7 },
  transportSecurity: { mode: "TLS", serverIdentity: ["x"] },
  connection: { connectTimeoutMs: 7, maxAgeMs: 7, maxAgeGraceMs: 7, maxIdleMs: 7 },
  nameResolution: { minTtlMs: 7, maxTtlMs: 7, failureBackoffInitialMs: 7, failureBackoffMaxMs: 7 },
  healthCheck: { serviceName: "x" },
  drain: { noticeMs: 7, graceMs: 7 },
};

/** Sets every field of a message, whatever fields it has: numbers 7, texts x, the first value of an enum. */
function filled<Desc extends DescMessage>(desc: Desc): MessageShape<Desc> {
  const message = create(desc);
  fill(reflect(desc, message));
  return message;
}

function fill(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (field.fieldKind === "list") {
      message.get(field).add(field.listKind === "enum" ? field.enum.values[0]?.number : "x");
    } else if (field.fieldKind === "message") {
      const inner = reflect(field.message);
      fill(inner);
      message.set(field, inner);
    } else {
      message.set(field, valueFor(field));
    }
  }
}

function valueFor(field: DescField): bigint | boolean | number | string {
  switch (field.scalar) {
    case ScalarType.INT64:
      return 7n;
    case ScalarType.BOOL:
      return true;
    case ScalarType.STRING:
      return "x";
    case undefined:
      return field.enum?.values[0]?.number ?? 0;
    default:
      return 7;
  }
}

function serviceWithEverything(): DescService {
  const config = toBinary(MethodClientConfigSchema, filled(MethodClientConfigSchema));
  return buildService(toBinary(ServiceClientConfigSchema, filled(ServiceClientConfigSchema)), [
    { name: "Watch", kind: "server_streaming", config },
  ]);
}

const names = (desc: { readonly values: readonly { readonly name: string }[] }): readonly string[] =>
  desc.values.map((value) => value.name);

describe("the model of policy.ts", () => {
  test("has a property for every field of every message, and no other", () => {
    expect(inspectService(serviceWithEverything()).contract).toEqual(complete);
  });

  test("has a word for every value of every enum, and no other", () => {
    const codes: Record<StatusCode, true> = {
      OK: true,
      CANCELLED: true,
      UNKNOWN: true,
      INVALID_ARGUMENT: true,
      DEADLINE_EXCEEDED: true,
      NOT_FOUND: true,
      ALREADY_EXISTS: true,
      PERMISSION_DENIED: true,
      RESOURCE_EXHAUSTED: true,
      FAILED_PRECONDITION: true,
      ABORTED: true,
      OUT_OF_RANGE: true,
      UNIMPLEMENTED: true,
      INTERNAL: true,
      UNAVAILABLE: true,
      DATA_LOSS: true,
      UNAUTHENTICATED: true,
    };
    const scopes: Record<CircuitBreaker["scope"], true> = { METHOD: true, SERVICE: true };
    const policies: Record<LoadBalancing["policy"], true> = {
      PICK_FIRST: true,
      ROUND_ROBIN: true,
      WEIGHTED_ROUND_ROBIN: true,
    };
    const modes: Record<TransportSecurity["mode"], true> = { TLS: true, MUTUAL_TLS: true, PLAINTEXT: true };
    const schemes: Record<Authentication["scheme"], true> = { NONE: true, BEARER: true, MUTUAL_TLS: true };
    expect(names(CodeSchema)).toEqual(Object.keys(codes));
    expect(names(CircuitBreaker_ScopeSchema)).toEqual(Object.keys(scopes));
    expect(names(LoadBalancing_PolicySchema)).toEqual(Object.keys(policies));
    expect(names(TransportSecurity_ModeSchema)).toEqual(Object.keys(modes));
    expect(names(Authentication_SchemeSchema)).toEqual(Object.keys(schemes));
  });
});

describe("the annotation language", () => {
  const leavesOf = (message: OptionMessage): OptionLeaf[] =>
    message.fields.flatMap((field) => (field.kind === "leaf" ? [field] : leavesOf(field.message)));
  const leaves = [...leavesOf(serviceOptions), ...leavesOf(methodOptions)];
  const numbers = leaves.filter(({ type }) => ["int32", "int64", "double"].includes(type.kind));

  test("gives a field the same number, name and type on a service as on a method", () => {
    for (const field of methodOptions.fields.filter(({ name }) => name !== "hedging")) {
      expect(serviceOptions.byNumber.get(field.number)).toEqual(field);
    }
  });

  test.each(numbers.map((leaf) => [leaf.option, leaf] as const))("limits %s, and its default is within", (_, leaf) => {
    expect(leaf.limit).toBeDefined();
    expect(leaf.fallback === undefined || (leaf.limit && isWithin(Number(leaf.fallback), leaf.limit))).toBe(true);
  });

  test("has every option that has a limit", () => {
    const options = new Set(numbers.map(({ option }) => option));
    expect(Object.keys(limits).filter((option) => !options.has(option))).toEqual([]);
  });
});
