// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prometheusRules } from "@talaria/contract";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { expect, test } from "vitest";
import { docBlocks } from "../support/doc-blocks.ts";
import { root, runCommand } from "../support/run-command.ts";
import { faultyRun } from "./faulty-run.ts";
import { openFaultyShop } from "./faulty-shop.ts";
import { observeProcess } from "./observed-process.ts";

const page = readFileSync(join(root, "docs/observability.md"), "utf8");

test("docs/observability.md lists every metric with its labels, and every alert", async () => {
  await using client = await observeProcess();
  await using server = await observeProcess();
  await using shop = await openFaultyShop(server.providers, { telemetry: createOpenTelemetry(client.providers) });
  await faultyRun(shop);
  const exported = new Map<string, Set<string>>();
  for (const { name, labels } of [...(await client.samples()), ...(await server.samples())]) {
    const metric = name.replace(/_(total|count|sum|bucket)$/, "");
    const own = Object.keys(labels).filter((label) => !label.startsWith("otel_scope") && label !== "le");
    exported.set(metric, new Set([...(exported.get(metric) ?? []), ...own]));
  }
  exported.delete("target_info");
  expect([...documentedMetrics().keys()].sort()).toEqual([...exported.keys()].sort());
  for (const [metric, labels] of documentedMetrics()) {
    expect({ metric, labels: [...labels].sort() }).toEqual({
      metric,
      labels: [...(exported.get(metric) ?? [])].sort(),
    });
  }
  const alerts = prometheusRules(shop.contracts).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const documented = [...page.matchAll(/^\| `(Service\w+)` \|/gm)].map(([, alert]) => alert);
  expect(documented.sort()).toEqual([...new Set(alerts)].sort());
});

test("the examples of docs/observability.md compile", async () => {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "observability-page-"));
  try {
    for (const { name, text } of docBlocks(page).filter(({ language }) => language === "ts")) {
      writeFileSync(join(folder, name), text);
    }
    const settings = { extends: join(root, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const { stdout } = await runCommand(["tsc", "--noEmit", "-p", folder]);
    // What the examples import is checked elsewhere.
    expect(stdout.split("\n").filter((line) => /^error|observability-page-.*error/.test(line))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The metrics of the page with their labels, as Prometheus writes them. */
function documentedMetrics(): ReadonlyMap<string, readonly string[]> {
  const metrics = new Map<string, readonly string[]>();
  let above: readonly string[] = [];
  for (const [, metric = "", labels = ""] of page.matchAll(
    /^\| `((?:rpc|grpc|service_client)\.[\w.]+)` \| [^|]* \| ([^|]*) \|/gm,
  )) {
    const named = [...labels.matchAll(/`([\w.]+)`/g)].map(([, label = ""]) => underscored(label));
    if (labels.startsWith("as the gauge")) {
      metrics.set(underscored(metric), metrics.get("service_client_circuit_breaker_state") ?? []);
    } else {
      above = labels.startsWith("the same") ? [...above, ...named] : named;
      metrics.set(underscored(metric), above);
    }
  }
  return metrics;
}

function underscored(name: string): string {
  return name.replaceAll(".", "_");
}
