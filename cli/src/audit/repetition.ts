// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, Node, SyntaxKind } from "ts-morph";
import { symbolOf } from "./imported.ts";
import { isFunctionLike } from "./opened-client.ts";
import { isRequestHandler } from "./request-handler.ts";

/** How many functions of one file are followed from where a client is opened to the handler that calls them. */
const maxDepth = 3;

/** How often a place in the code is run, in words that fit behind "opens a client". */
export type Repetition = "for each request" | "in each turn of a loop" | "for each element of a collection";

/** How a place in the code is run again and again; undefined when nothing says that it is. */
export function repetitionOf(call: CallExpression): Repetition | undefined {
  return repetition(call, call, 0);
}

function repetition(node: Node, opening: CallExpression, depth: number): Repetition | undefined {
  for (let at = node; !Node.isSourceFile(at); at = at.getParentOrThrow()) {
    const parent = at.getParentOrThrow();
    if (isLoopBody(parent, at) && !dependsOn(opening, parent)) {
      return "in each turn of a loop";
    }
    if (isFunctionLike(at)) {
      if (Node.isConstructorDeclaration(at)) {
        return undefined;
      }
      if (isRequestHandler(at)) {
        return "for each request";
      }
      return depth < maxDepth ? (repetitionOfCallers(at, opening, depth) ?? onward(at, opening, depth)) : undefined;
    }
  }
  return undefined;
}

/** An inner function is run where the outer one is, as far as it is called there: `items.map(() => …)`. */
function onward(inner: Node, opening: CallExpression, depth: number): Repetition | undefined {
  const parent = inner.getParent();
  const immediate = Node.isCallExpression(parent) && isImmediate(parent);
  if (!immediate) {
    return undefined;
  }
  if (/^(map|forEach|flatMap)$/.test(memberOf(parent)) && !dependsOn(opening, inner)) {
    return "for each element of a collection";
  }
  return repetition(parent, opening, depth);
}

/** A call that runs its argument at once, and not when something happens. */
function isImmediate(call: CallExpression): boolean {
  return /^(map|forEach|flatMap|then|all|run|execute|runInCallScope|enterCallScope)$/.test(memberOf(call));
}

function memberOf(call: CallExpression): string {
  const callee = call.getExpression();
  return Node.isPropertyAccessExpression(callee) ? callee.getName() : callee.getText();
}

function repetitionOfCallers(callee: Node, opening: CallExpression, depth: number): Repetition | undefined {
  const name = nameOf(callee);
  const symbol = name && symbolOf(name);
  if (name === undefined || symbol === undefined) {
    return undefined;
  }
  for (const use of callee.getSourceFile().getDescendantsOfKind(SyntaxKind.Identifier)) {
    const called = use !== name && use.getText() === name.getText() && isCallee(use) && symbolOf(use) === symbol;
    const found = called ? repetition(use, opening, depth + 1) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function nameOf(callee: Node): Node | undefined {
  if (Node.isFunctionDeclaration(callee) || Node.isMethodDeclaration(callee)) {
    return callee.getNameNode();
  }
  const parent = callee.getParent();
  return Node.isVariableDeclaration(parent) ? parent.getNameNode() : undefined;
}

function isCallee(use: Node): boolean {
  const parent = use.getParent();
  const callee = Node.isPropertyAccessExpression(parent) && parent.getNameNode() === use ? parent : use;
  const call = callee.getParent();
  return Node.isCallExpression(call) && call.getExpression() === callee;
}

function isLoopBody(loop: Node, body: Node): boolean {
  return (
    (Node.isForStatement(loop) ||
      Node.isForOfStatement(loop) ||
      Node.isForInStatement(loop) ||
      Node.isWhileStatement(loop) ||
      Node.isDoStatement(loop)) &&
    loop.getStatement() === body
  );
}

/** A client for each of several targets is opened with something that differs from turn to turn. */
function dependsOn(opening: CallExpression, scope: Node): boolean {
  return opening
    .getArguments()
    .flatMap((argument) => [argument, ...argument.getDescendants()])
    .filter(Node.isIdentifier)
    .flatMap((name) => symbolOf(name)?.getDeclarations() ?? [])
    .some((declaration) => declaration.getAncestors().includes(scope) && !isInside(declaration, opening));
}

function isInside(node: Node, ancestor: Node): boolean {
  return node.getAncestors().includes(ancestor);
}
