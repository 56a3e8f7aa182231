// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Rule } from "./bufplugin/rule.ts";
import { checkText } from "./check-text.ts";
import { parse } from "./parse-rule-page.ts";
import { renderDisabling, renderOptions, renderOverview } from "./render-docs.ts";
import { spec } from "./spec.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(pathOf(path), "utf8");

const defaults = spec.rules.filter(({ isDefault, type }) => isDefault && type === "lint");

/** The findings of an example: all lint rules that are on by default, and the rule itself. */
async function lint(rule: Rule, blocks: readonly string[], options: Record<string, string | number | string[]>) {
  const rules = [...new Set(rule.type === "lint" ? [...defaults, rule] : [rule])];
  const [before = "", after] = blocks;
  const text = after ?? before;
  const findings = await checkText(rules, text, { options, ...(after !== undefined && { against: before }) });
  // buf honours these comments; what buf does with findings is not part of this test.
  const ignored = [...text.matchAll(/\/\/ buf:lint:ignore (\w+)/g)].map(([, id]) => id);
  return findings.map((finding) => finding.rule).filter((id) => !ignored.includes(id));
}

describe("docs/rules", () => {
  it("has an overview of the rules as they are", async () => {
    await expect(renderOverview(spec)).toMatchFileSnapshot(pathOf("docs/rules/README.md"));
  });

  it("has no page without a rule", () => {
    const pages = readdirSync(pathOf("docs/rules")).filter((name) => name !== "README.md");
    expect(pages.sort()).toEqual(spec.rules.map(({ id }) => `${id}.md`).sort());
  });
});

describe.each(spec.rules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const page = parse(existsSync(pathOf(`docs/rules/${id}.md`)) ? read(`docs/rules/${id}.md`) : "");
  const folder = rule.type === "lint" ? "rules" : "breaking";
  const name = id.toLowerCase().replaceAll("_", "-");

  it("is one file and one test, named after it", () => {
    expect(existsSync(pathOf(`lint/src/${folder}/${name}.ts`))).toBe(true);
    expect(existsSync(pathOf(`lint/src/${folder}/${name}.test.ts`))).toBe(true);
  });

  it("has a page that says what the rule says", () => {
    expect(page.title).toBe(id);
    expect(page.purpose).toBe(rule.purpose);
    expect(page.why.length).toBeGreaterThan(80);
    expect([...page.sections.keys()]).toEqual(["Bad", "Good", "Options", "When not to use it", "Disabling"]);
    expect(page.sections.get("Options")).toContain(renderOptions(rule));
    expect(page.sections.get("Disabling")).toBe(renderDisabling(rule));
    expect(page.sections.get("When not to use it")?.length).toBeGreaterThan(20);
  });

  it("finds what the page calls bad, and nothing else there", async () => {
    expect(page.bad).toHaveLength(rule.type === "lint" ? 1 : 2);
    expect([...new Set(await lint(rule, page.bad, page.options))]).toEqual([id]);
  });

  it("finds nothing in what the page calls good", async () => {
    expect(page.good).toHaveLength(rule.type === "lint" ? 1 : 2);
    expect(await lint(rule, page.good, page.options)).toEqual([]);
  });
});
