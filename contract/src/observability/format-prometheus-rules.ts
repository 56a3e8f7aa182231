// SPDX-License-Identifier: Apache-2.0
import type { AlertRule, PrometheusRules } from "./prometheus-rules.ts";

/** Writes alert rules as YAML, as Prometheus and its operator read them. */
export function formatPrometheusRules({ groups }: PrometheusRules): string {
  const lines = groups.flatMap(({ name, rules }) => [
    `  - name: ${quote(name)}`,
    ...(rules.length === 0 ? ["    rules: []"] : ["    rules:", ...rules.flatMap(formatRule)]),
  ]);
  return lines.length === 0 ? "groups: []\n" : `${["groups:", ...lines].join("\n")}\n`;
}

function formatRule({ alert, expr, for: lasting, labels, annotations }: AlertRule): readonly string[] {
  return [
    `      - alert: ${quote(alert)}`,
    `        expr: ${quote(expr)}`,
    `        for: ${quote(lasting)}`,
    "        labels:",
    ...formatMap(labels),
    "        annotations:",
    ...formatMap(annotations),
  ];
}

function formatMap(map: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(map).map(([key, value]) => `          ${key}: ${quote(value)}`);
}

/** JSON's strings are YAML's. */
function quote(text: string): string {
  return JSON.stringify(text);
}
