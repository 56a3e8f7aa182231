// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { spec } from "../spec.ts";
import { ruleId } from "./rule-id.ts";

const contractFolder = fileURLToPath(new URL("../../../contract/src", import.meta.url));

/** What CLIENT_CONFIG_UNREADABLE passes on, and what concerns no single `.proto`. */
const others = ["malformed-option", "unknown-option", "contract-mismatch", "target-conflict"];

/** The codes and severities of all diagnostics, as the sources of the contract package have them. */
function diagnosticsOfContract(): Map<string, string> {
  const sources = globSync("checks/*.ts", { cwd: contractFolder }).filter((name) => !name.endsWith(".test.ts"));
  const text = sources.map((name) => readFileSync(`${contractFolder}/${name}`, "utf8")).join("\n");
  const pattern =
    /\b(error|warning)\(\s*"([a-z-]+)"|code: "([a-z-]+)", severity: "(error|warning)"|orderFindings\(\s*"([a-z-]+)"/g;
  const found = [...text.matchAll(pattern)].map(([, called, calledCode, code, severity, ordered]): [string, string] => {
    return [calledCode ?? code ?? ordered ?? "", called ?? severity ?? "error"];
  });
  return new Map(found.filter(([code]) => !others.includes(code)));
}

describe("diagnosticRule()", () => {
  const severities = diagnosticsOfContract();

  it("knows the diagnostics of the contract package", () => {
    expect(severities.size).toBeGreaterThan(30);
    expect(severities.get("retry-backoff-order")).toBe("error");
  });

  it.each([...severities])("has a rule for %s, which is a %s", (code, severity) => {
    const rule = spec.rules.find(({ id }) => id === ruleId(`client-${code}`));
    expect(rule?.categories).toEqual([severity === "error" ? "RELIABILITY" : "RELIABILITY_STRICT"]);
    expect(rule?.isDefault).toBe(severity === "error");
  });
});
