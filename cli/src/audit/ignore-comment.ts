// SPDX-License-Identifier: Apache-2.0
import type { Node } from "ts-morph";

/** What the comments at a finding say to it. */
export type Ignore = "ignored" | "without-reason" | "not-ignored";

const comment = /\/\/\s*talaria-audit-ignore\s+(?<rules>[\w-]+(?:\s*,\s*[\w-]+)*)\s*(?<colon>:?)\s*(?<reason>.*)$/;

/**
 * Looks for `// talaria-audit-ignore <rule>: reason` at the end of the finding's first line, and in the comments right
 * above that line or above its statement.
 */
export function ignoreOf(node: Node, rule: string, lines: readonly string[]): Ignore {
  const line = node.getStartLineNumber();
  const statement = statementOf(node).getStartLineNumber();
  const places = [lines[line - 1] ?? "", ...commentsAbove(lines, line), ...commentsAbove(lines, statement)];
  let result: Ignore = "not-ignored";
  for (const place of places) {
    const { rules = "", colon = "", reason = "" } = comment.exec(place)?.groups ?? {};
    if (rules.split(/\s*,\s*/).includes(rule)) {
      if (colon !== "" && reason.trim() !== "") {
        return "ignored";
      }
      result = "without-reason";
    }
  }
  return result;
}

function commentsAbove(lines: readonly string[], line: number): readonly string[] {
  const end = line - 1;
  let start = end;
  while (start > 0 && /^\s*(\/\/|\/?\*)/.test(lines[start - 1] ?? "")) {
    start -= 1;
  }
  return lines.slice(start, end);
}

/** The statement, or the member of a class, that a finding is part of. */
function statementOf(node: Node): Node {
  let at = node;
  for (let parent = at.getParent(); parent !== undefined; parent = at.getParent()) {
    if (
      /^(SourceFile|Block|ModuleBlock|CaseClause|DefaultClause|ClassDeclaration|ClassExpression)$/.test(
        parent.getKindName(),
      )
    ) {
      return at;
    }
    at = parent;
  }
  return node;
}
