// SPDX-License-Identifier: Apache-2.0
import { version } from "../version.ts";
import type { AuditReport } from "./audit-report.ts";
import type { Finding } from "./finding.ts";

/**
 * The report as SARIF 2.1.0, which code scanning services read. Files are relative to the folder of the command, so run it
 * at the root of the repository.
 */
export function formatSarif({ findings, rules }: AuditReport): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "talaria audit",
            semanticVersion: version,
            rules: rules.map(({ name, purpose }) => ({
              id: name,
              shortDescription: { text: purpose },
              defaultConfiguration: { level: "warning" },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: rules.findIndex(({ name }) => name === finding.rule),
          level: "warning",
          message: { text: finding.message },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(finding) }, region: regionOf(finding) } }],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function uriOf({ file }: Finding): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

function regionOf({ line, column, endLine, endColumn }: Finding) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}
