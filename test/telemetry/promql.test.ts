// SPDX-License-Identifier: Apache-2.0
import {
  contractOf,
  grafanaDashboard,
  type ObservabilityOptions,
  prometheusRules,
  type ServiceContract,
} from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { greetingServiceContract } from "../../generated/greeting_client.ts";
import { dispatchServiceContract } from "../../generated/shop/dispatch/v1/dispatch_client.ts";
import { orderServiceContract } from "../../generated/shop/orders/v1/orders_client.ts";
import { compileServices, idempotent, rpc } from "../contract/services.ts";
import { soundServices } from "../contract/sound-services.ts";
import { promqlProblems, selectorsIn } from "./promql.ts";

const examples = [greetingServiceContract, orderServiceContract, dispatchServiceContract];
const odd = Object.values(
  compileServices({
    noMethods: {
      config: "response_timeout_millis: 800 retry_throttling { max_tokens: 10 token_ratio: 0.1 }",
      body: "",
    },
    nothingButBalancing: { config: "load_balancing { policy: ROUND_ROBIN }" },
    noBreaker: {
      config:
        "response_timeout_millis: 7 retry { max_attempts: 2 initial_backoff_millis: 1 } circuit_breaker { enabled: false }",
      body: rpc("Get", "", idempotent) + rpc("List", "max_concurrent_requests: 1"),
    },
    noDeadline: {
      config: "circuit_breaker { scope: SERVICE } retry_throttling { max_tokens: 10 token_ratio: 0.1 }",
      body: rpc("Get", "hedging { max_attempts: 2 hedging_delay_millis: 5 }", idempotent) + rpc("Put"),
    },
    oddNames: {
      config: "response_timeout_millis: 2147483647 circuit_breaker {} max_concurrent_requests: 3",
      body:
        rpc("sum") +
        rpc("by_le", "", { kind: "bidi_streaming" }) +
        rpc("__proto__") +
        rpc("_", "response_timeout_millis: 1 stream_max_duration_millis: 2", { kind: "server_streaming" }),
    },
  }),
).map((service) => contractOf(service));

const settings: readonly ObservabilityOptions[] = [
  {},
  { unitSuffixes: true },
  { nearDeadline: 1e-9, retryShare: 1e-7, imbalance: 1e21 },
];

/** All PromQL that is made of contracts. */
function expressionsOf(contracts: readonly ServiceContract[], options?: ObservabilityOptions): readonly string[] {
  const rules = prometheusRules(contracts, options).groups.flatMap((group) => group.rules);
  const targets = grafanaDashboard(contracts, options).panels.flatMap((panel) => panel.targets ?? []);
  return [...rules, ...targets].map(({ expr }) => expr);
}

describe("Prometheus can read every expression", () => {
  test.each(settings)("of the examples, and of contracts with odd parts, with %j", (options) => {
    for (const contract of [...examples, ...odd]) {
      const expressions = expressionsOf([contract], options);
      expect(expressions.length > 0).toBe(contract.methods.length > 0);
      expect(expressions.flatMap(promqlProblems)).toEqual([]);
    }
    expect(expressionsOf([...examples, ...odd], options).length).toBeGreaterThan(100);
  });

  test("of any contract that has no error", () => {
    fc.assert(
      fc.property(soundServices, (service) => {
        expect(expressionsOf([contractOf(service)]).flatMap(promqlProblems)).toEqual([]);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});

describe("promqlProblems()", () => {
  const [good = ""] = expressionsOf([orderServiceContract]);

  test.each([
    ["a parenthesis is missing", good.replace("]))", "])"), "a syntax error"],
    ["a brace is missing", good.replace("}", ""), "a syntax error"],
    ["an operator stands alone", `${good} >`, "a syntax error"],
    ["a function is unknown", good.replace("rate(", "rat("), "a syntax error"],
    ["a variable of Grafana is left in", good.replace("[5m]", "[$__rate_interval]"), "a syntax error"],
    ["an escape is unknown", String.raw`up{job=~"shop\.v1"}`, "Bad escaped character"],
    ["a regular expression ends too early", 'up{job=~"(shop"}', "Invalid regular expression"],
    ["rate() has no range", good.replace("[5m]", ""), "a range where there should be none, or none"],
    ["a range is in no rate()", "max(up[5m])", "a range where there should be none, or none"],
  ])("names the expression and the position when %s", (_, expr, problem) => {
    expect(promqlProblems(good)).toEqual([]);
    const problems = promqlProblems(expr);
    expect(problems).toContainEqual(expect.stringContaining(problem));
    for (const each of problems) {
      expect(each).toMatch(/ at position \d+ of /);
      expect(each.endsWith(expr)).toBe(true);
    }
  });
});

test("selectorsIn() reads metrics, labels and values", () => {
  const expr = String.raw`sum by (a, b) (rate(x_count{m=~"p\\.A/B|p\\.A/C", code="OK"}[5m])) / max(sum by (a) (y))`;
  expect(promqlProblems(expr)).toEqual([]);
  expect(selectorsIn(expr)).toEqual([
    {
      metric: "x_count",
      matchers: [
        { label: "m", values: ["p.A/B", "p.A/C"] },
        { label: "code", values: ["OK"] },
      ],
      grouping: ["a", "b"],
    },
    { metric: "y", matchers: [], grouping: ["a"] },
  ]);
});
