// SPDX-License-Identifier: Apache-2.0
import { grafanaDashboard, prometheusRules } from "@talaria/contract";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultyRun } from "./faulty-run.ts";
import { type FaultyShop, openFaultyShop } from "./faulty-shop.ts";
import { observeProcess } from "./observed-process.ts";
import type { Sample } from "./prometheus-text.ts";
import { type Selector, selectorsIn } from "./promql.ts";

let shop: FaultyShop;
let samples: readonly Sample[];

beforeAll(async () => {
  await using client = await observeProcess();
  await using server = await observeProcess();
  shop = await openFaultyShop(server.providers, { telemetry: createOpenTelemetry(client.providers) });
  await faultyRun(shop);
  // What Prometheus adds to all that it scrapes.
  const scraped = [...(await client.samples()), ...(await server.samples())];
  samples = scraped.map((sample) => ({ ...sample, labels: { instance: "10.0.0.1:9464", ...sample.labels } }));
});

afterAll(() => shop?.[Symbol.asyncDispose]());

/** The labels that an expression asks of a metric. */
function labelsOf({ matchers, grouping }: Selector): readonly string[] {
  return [...matchers.map(({ label }) => label), ...grouping];
}

/** What an expression asks for and the export of the run does not have. */
function missingFrom(expr: string): readonly string[] {
  return selectorsIn(expr).flatMap((selector) => {
    const { metric } = selector;
    const found = samples.filter(({ name }) => name === metric);
    const missing = labelsOf(selector).filter((label) => !found.some((sample) => label in sample.labels));
    return found.length === 0 ? [metric] : missing.map((label) => `${metric}{${label}}`);
  });
}

/** The one whose labels the result has. */
function firstSelectorOf(expr: string): Selector {
  const [first] = selectorsIn(expr);
  if (first === undefined) {
    throw new Error(`nothing is asked for by ${expr}`);
  }
  return first;
}

describe("dashboards and alerts, against the Prometheus export of a faulty run", () => {
  test("can tell what is missing", () => {
    expect(missingFrom('sum by (nobody) (rate(rpc_client_call_duration_count{rpc_method="a"}[5m]))')).toEqual([
      "rpc_client_call_duration_count{nobody}",
    ]);
    expect(missingFrom('rpc_client_call_duration_seconds_count{rpc_method="a"}')).toEqual([
      "rpc_client_call_duration_seconds_count",
    ]);
  });

  test("every metric and label of an alert is in the export", () => {
    const rules = prometheusRules(shop.contracts).groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(7);
    for (const { expr, annotations } of rules) {
      expect(missingFrom(expr)).toEqual([]);
      const told = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
      expect(labelsOf(firstSelectorOf(expr))).toEqual(expect.arrayContaining(told));
    }
  });

  test("every metric and label of a dashboard is in the export", () => {
    const targets = grafanaDashboard(shop.contracts).panels.flatMap((panel) => panel.targets ?? []);
    expect(targets.length).toBeGreaterThan(15);
    for (const { expr, legendFormat } of targets) {
      expect(missingFrom(expr)).toEqual([]);
      const told = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      expect(labelsOf(firstSelectorOf(expr))).toEqual(expect.arrayContaining(told));
    }
  });

  test("every name of a method or breaker that is asked for is one that the run exported", () => {
    const rules = prometheusRules(shop.contracts).groups.flatMap((group) => group.rules);
    const matchers = rules.flatMap(({ expr }) => selectorsIn(expr)).flatMap((selector) => selector.matchers);
    const asked = matchers.flatMap(({ values }) => values).filter((value) => value.includes("faulty"));
    const exported = new Set(samples.flatMap(({ labels }) => Object.values(labels)));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !exported.has(name))).toEqual([]);
  });
});
