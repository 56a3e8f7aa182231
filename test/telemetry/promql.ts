// SPDX-License-Identifier: Apache-2.0
import { parser } from "@prometheus-io/lezer-promql";

type Node = ReturnType<typeof parser.parse>["topNode"];

/** The series that a PromQL expression asks for in one place. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** The labels of the sums around it. */
  readonly grouping: readonly string[];
}

/** What a label has to be: one of the values. */
interface Matcher {
  readonly label: string;
  readonly values: readonly string[];
}

/** Reads what a PromQL expression asks for, by the grammar of Prometheus. */
export function selectorsIn(expr: string): readonly Selector[] {
  return [...nodesBelow(parser.parse(expr).topNode)]
    .filter(({ name }) => name === "VectorSelector")
    .map((selector) => ({
      metric: textOf(selector.firstChild, expr),
      matchers: [...nodesBelow(selector)]
        .filter(({ name }) => name === "UnquotedLabelMatcher")
        .map((matcher) => ({ label: textOf(matcher.firstChild, expr), values: valuesOf(matcher, expr) })),
      grouping: [...nodesAbove(selector)].flatMap((above) =>
        above.name === "AggregateExpr" ? groupingOf(above, expr) : [],
      ),
    }));
}

/**
 * Says why Prometheus would refuse an expression: by its grammar, and by what it looks into behind that, which is escapes,
 * regular expressions, and whether `rate()` is given a range.
 */
export function promqlProblems(expr: string): readonly string[] {
  return [...nodesBelow(parser.parse(expr).topNode)].flatMap((node) => {
    const problem = problemOf(node, expr);
    return problem === undefined ? [] : [`${problem} at position ${node.from} of ${expr}`];
  });
}

function problemOf(node: Node, expr: string): string | undefined {
  if (node.type.isError) {
    return `a syntax error, before ${JSON.stringify(expr.slice(node.from, node.from + 10))},`;
  }
  try {
    if (node.name === "StringLiteral") {
      JSON.parse(textOf(node, expr));
    }
    if (node.name === "UnquotedLabelMatcher" && isRegExp(node)) {
      new RegExp(JSON.parse(textOf(node.lastChild, expr)));
    }
  } catch (error) {
    return String(error);
  }
  if ((node.name === "MatrixSelector") !== isArgumentOfRate(node)) {
    return "a range where there should be none, or none where there should be one,";
  }
  return undefined;
}

function isArgumentOfRate({ parent }: Node): boolean {
  const call = parent?.name === "FunctionCallBody" ? parent.parent : null;
  return call?.getChild("FunctionIdentifier")?.firstChild?.name === "Rate";
}

function isRegExp(matcher: Node): boolean {
  return matcher.getChild("MatchOp")?.firstChild?.name === "EqlRegex";
}

function valuesOf(matcher: Node, expr: string): readonly string[] {
  const value: string = JSON.parse(textOf(matcher.lastChild, expr));
  return isRegExp(matcher) ? value.split("|").map((each) => each.replaceAll("\\.", ".")) : [value];
}

function groupingOf(aggregate: Node, expr: string): readonly string[] {
  const labels = aggregate.getChild("AggregateModifier")?.getChild("GroupingLabels")?.getChildren("LabelName") ?? [];
  return labels.map((label) => textOf(label, expr));
}

function textOf(node: Node | null, expr: string): string {
  return node === null ? "" : expr.slice(node.from, node.to);
}

function* nodesBelow(node: Node): Generator<Node> {
  yield node;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    yield* nodesBelow(child);
  }
}

function* nodesAbove(node: Node): Generator<Node> {
  for (let above = node.parent; above !== null; above = above.parent) {
    yield above;
  }
}
