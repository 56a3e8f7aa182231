// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { auditText } from "../../../test/support/audit-text.ts";
import { docBlocks } from "../../../test/support/doc-blocks.ts";
import { renderOverview } from "./render-overview.ts";
import { auditRules } from "./rules.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

describe("docs/audit", () => {
  it("has an overview of the rules as they are", async () => {
    await expect(renderOverview(auditRules)).toMatchFileSnapshot(pathOf("docs/audit/README.md"));
  });

  it("has no page without a rule", () => {
    const pages = readdirSync(pathOf("docs/audit")).filter((name) => name !== "README.md");
    expect(pages.sort()).toEqual(auditRules.map(({ name }) => `${name}.md`).sort());
  });
});

describe.each(auditRules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  const page = existsSync(pathOf(`docs/audit/${name}.md`)) ? readFileSync(pathOf(`docs/audit/${name}.md`), "utf8") : "";
  const [head = "", ...parts] = page.split(/^## /m);
  const [title, purpose, why = ""] = head.trim().split("\n\n");
  const headings = parts.map((part) => part.slice(0, part.indexOf("\n")));
  const codeOf = (heading: string): string =>
    docBlocks(parts[headings.indexOf(heading)] ?? "").find(({ language }) => language === "ts")?.text ?? "";
  const [bad, good, ignoring] = ["Bad", "Good", "Ignoring"].map(codeOf);

  it("is one file and one test, named after it", () => {
    expect(existsSync(pathOf(`cli/src/audit/rules/${name}.ts`))).toBe(true);
    expect(existsSync(pathOf(`cli/src/audit/rules/${name}.test.ts`))).toBe(true);
  });

  it("has a page that says what the rule says", () => {
    expect([title, purpose]).toEqual([`# ${name}`, rule.purpose]);
    expect(why).toMatch(/^\*\*Why\.\*\* /);
    expect(headings).toEqual(["Bad", "Good", "When not to use it", "Ignoring"]);
  });

  it("finds what the page calls bad, and no other rule does", async () => {
    const { findings } = await auditText(auditRules, bad ?? "");
    expect(findings.map((finding) => finding.rule)).toEqual([name]);
  });

  it("finds nothing in what the page calls good", async () => {
    expect(good).not.toBe("");
    expect((await auditText(auditRules, good ?? "")).findings).toEqual([]);
  });

  it("is silenced by the comment of the page, and not by one without a reason", async () => {
    const line = (await auditText(auditRules, bad ?? "")).findings[0]?.line ?? 0;
    const lines = (bad ?? "").split("\n");
    const ignored = lines.toSpliced(line - 1, 0, (ignoring ?? "").trim()).join("\n");
    expect((await auditText(auditRules, ignored)).findings).toEqual([]);
    const unfounded = lines.toSpliced(line - 1, 0, `// talaria-audit-ignore ${name}`).join("\n");
    expect((await auditText(auditRules, unfounded)).findings).toMatchObject([
      { message: expect.stringContaining("give the reason") },
    ]);
  });
});
