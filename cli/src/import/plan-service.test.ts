// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { inspectService, type OptionValue } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { compileService } from "../../../test/support/compile.ts";
import { planService } from "./plan-service.ts";

type Values = Readonly<Record<string, OptionValue>>;

const retry: Values = {
  "retry.max_attempts": 4,
  "retry.initial_backoff_millis": 50,
  "retry.max_backoff_millis": 400,
  "retry.backoff_multiplier": 2,
  "retry.retryable_status_codes": ["UNAVAILABLE"],
};
const deadline: Values = { response_timeout_millis: 800 };

/** Plans for the methods of a service; a method without a target is one that no config speaks of. */
function plan(body: string, targets: Readonly<Record<string, Values>>, shared: Values = {}) {
  const text = `syntax = "proto3"; import "service_client_config.proto"; message M {} service S { ${body} }`;
  const service = compileService(text, "S");
  const wanted = new Map<DescMethod, ReadonlyMap<string, OptionValue>>();
  for (const method of service.methods) {
    const target = targets[method.name];
    if (target !== undefined) {
      wanted.set(method, new Map(Object.entries(target)));
    }
  }
  const planned = planService(inspectService(service), wanted, new Map(Object.entries(shared)));
  return {
    service: Object.fromEntries(planned.service),
    methods: Object.fromEntries([...planned.methods].map(([{ name }, leaves]) => [name, Object.fromEntries(leaves)])),
    conflicts: planned.conflicts.map(({ method, missing, extra }) => [
      method?.name,
      Object.fromEntries(missing),
      extra,
    ]),
  };
}

const unary = (name: string, options = ""): string => `rpc ${name}(M) returns (M) { ${options} }`;
const stream = (name: string): string => `rpc ${name}(M) returns (stream M);`;

describe("planService() where nothing is annotated", () => {
  test("says on the service what all methods share", () => {
    const target = { ...deadline, ...retry };
    expect(plan(unary("A") + unary("B"), { A: target, B: target }, { "load_balancing.policy": "PICK_FIRST" })).toEqual({
      service: { ...target, "load_balancing.policy": "PICK_FIRST" },
      methods: {},
      conflicts: [],
    });
  });

  test("says on the service what more than half share", () => {
    expect(
      plan(unary("A") + unary("B") + unary("C"), { A: deadline, B: deadline, C: { response_timeout_millis: 5 } }),
    ).toEqual({
      service: deadline,
      methods: { C: { response_timeout_millis: 5 } },
      conflicts: [],
    });
  });

  test("says a deadline on each method when one cannot have it", () => {
    expect(plan(unary("A") + unary("B") + unary("C"), { A: deadline, B: deadline })).toEqual({
      service: {},
      methods: { A: deadline, B: deadline },
      conflicts: [],
    });
  });

  test("takes a limit back from a stream that has none", () => {
    expect(plan(unary("A") + unary("B") + stream("C"), { A: deadline, B: deadline, C: {} })).toEqual({
      service: deadline,
      methods: { C: { response_timeout_millis: 0 } },
      conflicts: [],
    });
  });

  test("says how to retry on the service, and whether on the methods, when some are not retried", () => {
    expect(
      plan(unary("A") + unary("B") + unary("C"), { A: retry, B: { ...retry, "retry.max_attempts": 2 }, C: {} }),
    ).toEqual({
      service: { ...retry, "retry.max_attempts": 1 },
      methods: { A: { "retry.max_attempts": 4 }, B: { "retry.max_attempts": 2 } },
      conflicts: [],
    });
  });

  test("leaves the only retried method its policy", () => {
    expect(plan(unary("A") + unary("B"), { A: retry, B: {} })).toEqual({
      service: {},
      methods: { A: retry },
      conflicts: [],
    });
  });
});

describe("planService() where a service is annotated", () => {
  const config = (options: string): string => `option (service_client.client_config) = {${options}};`;

  test("writes nothing when it says the same, defaults included", () => {
    const body = config(
      "response_timeout_millis: 800 retry: {max_attempts: 4 initial_backoff_millis: 50 max_backoff_millis: 400}",
    );
    const shared = { "load_balancing.policy": "ROUND_ROBIN" };
    expect(plan(body + unary("A"), { A: { ...deadline, ...retry } }, shared)).toEqual({
      service: {},
      methods: {},
      conflicts: [],
    });
  });

  test("switches off on a method what it does not have", () => {
    const body = config("response_timeout_millis: 800 wait_for_ready: true retry: {}");
    expect(plan(body + unary("A") + stream("B"), { A: deadline, B: {} })).toEqual({
      service: {},
      methods: {
        A: { wait_for_ready: false, "retry.max_attempts": 1 },
        B: { response_timeout_millis: 0, wait_for_ready: false, "retry.max_attempts": 1 },
      },
      conflicts: [],
    });
  });

  test("takes an annotation without values for one", () => {
    const body = config("retry: {}") + unary("A", "option (service_client.method_config).retry = {};");
    expect(plan(body, { A: deadline })).toMatchObject({
      service: {},
      methods: {},
      conflicts: [["A", { ...deadline, "retry.max_attempts": 1 }, []]],
    });
  });

  test("takes retry throttling for missing where it is off, and for there where it has its defaults", () => {
    const shared = { "retry_throttling.max_tokens": 100, "retry_throttling.token_ratio": 0.1 };
    const wanted = { A: deadline };
    const off = plan(config("response_timeout_millis: 800") + unary("A"), wanted, shared);
    expect(off.conflicts).toEqual([[undefined, shared, []]]);
    const on = plan(config("response_timeout_millis: 800 retry_throttling: {}") + unary("A"), wanted, shared);
    expect(on.conflicts).toEqual([]);
  });

  test("leaves alone what no config speaks of", () => {
    expect(plan(config("response_timeout_millis: 800") + unary("A"), {})).toEqual({
      service: {},
      methods: {},
      conflicts: [],
    });
  });

  test("cannot take back a deadline, the end of a stream, or hedging", () => {
    const body = config("response_timeout_millis: 800 stream_max_duration_millis: 900");
    const hedged =
      "option idempotency_level = IDEMPOTENT; option (service_client.method_config).hedging.hedging_delay_millis = 5;";
    expect(
      plan(body + unary("A") + stream("B") + unary("C", hedged), { A: {}, B: deadline, C: deadline }),
    ).toMatchObject({
      methods: {},
      conflicts: [
        ["A", {}, ["response_timeout_millis"]],
        ["B", {}, ["stream_max_duration_millis"]],
        ["C", {}, ["hedging"]],
      ],
    });
  });

  test("does not touch a method that says something else, or a service that lacks what is shared", () => {
    const own = "option (service_client.method_config).response_timeout_millis = 5;";
    const shared = { "retry_throttling.max_tokens": 10 };
    expect(plan(config("response_timeout_millis: 9") + unary("A", own), { A: deadline }, shared)).toEqual({
      service: {},
      methods: {},
      conflicts: [
        ["A", deadline, []],
        [undefined, shared, []],
      ],
    });
  });
});
