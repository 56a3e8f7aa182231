// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, Node, type SourceFile, SyntaxKind, type VariableDeclaration } from "ts-morph";
import type { CodeBase } from "./code-base.ts";
import type { GeneratedContract } from "./generated-contract.ts";
import { openedContract } from "./guarded-client.ts";
import { symbolOf } from "./imported.ts";

/**
 * What becomes of a client where it is opened:
 *
 * - `kept`: it leaves the function: returned, stored, handed over, or captured by a function that lives on.
 * - `closed`: it is closed here, by `await using` or `[Symbol.asyncDispose]()`.
 * - `dropped`: its calls are made, and it is forgotten.
 */
export type Fate = "kept" | "closed" | "dropped";

/** A place where a client is opened inside a function. */
export interface OpenedClient {
  readonly call: CallExpression;
  readonly contract: GeneratedContract;
  readonly fate: Fate;
  /** It is put where it outlives the function: a property, an outer variable, a collection. */
  readonly stored: boolean;
}

/** A text in which some client may be opened. */
export const opensClient: RegExp = /\bcreate\w*Client\b/;

/** Finds where clients are opened, and what becomes of them. */
export function findOpenedClients(source: SourceFile, code: CodeBase): readonly OpenedClient[] {
  return source.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const contract = opensClient.test(call.getExpression().getText()) ? openedContract(call, code) : undefined;
    return contract === undefined ? [] : [{ call, contract, ...whereabouts(call) }];
  });
}

function whereabouts(call: CallExpression): Pick<OpenedClient, "fate" | "stored"> {
  const parent = outermost(call).getParent();
  if (Node.isVariableDeclaration(parent)) {
    return whereaboutsOfVariable(parent);
  }
  const calledAtOnce = Node.isPropertyAccessExpression(parent);
  return { fate: calledAtOnce || Node.isExpressionStatement(parent) ? "dropped" : "kept", stored: isStored(call) };
}

function whereaboutsOfVariable(variable: VariableDeclaration): Pick<OpenedClient, "fate" | "stored"> {
  const name = variable.getNameNode();
  const scope = variable.getFirstAncestor(isFunctionLike);
  if (scope === undefined || !Node.isIdentifier(name)) {
    // Why: what a module holds lives as long as the process.
    return { fate: "kept", stored: true };
  }
  const uses = scope
    .getDescendantsOfKind(SyntaxKind.Identifier)
    .filter((each) => each !== name && each.getText() === name.getText() && symbolOf(each) === symbolOf(name));
  const stored = uses.some(isStored);
  if (variable.getVariableStatement()?.getDeclarationKind().includes("using") === true || uses.some(isDisposed)) {
    return { fate: "closed", stored };
  }
  const forgotten = uses.every((use) => isCalled(use) && use.getFirstAncestor(isFunctionLike) === scope);
  return { fate: forgotten ? "dropped" : "kept", stored };
}

/** `orders[Symbol.asyncDispose]`. */
function isDisposed(use: Node): boolean {
  const parent = use.getParent();
  return Node.isElementAccessExpression(parent) && parent.getArgumentExpression()?.getText() === "Symbol.asyncDispose";
}

/** `orders.getOrder(…)`. */
function isCalled(use: Node): boolean {
  const member = use.getParent();
  const call = member?.getParent();
  return Node.isPropertyAccessExpression(member) && Node.isCallExpression(call) && call.getExpression() === member;
}

/** `this.orders = create…()`, `orders ??= create…()`, `clients.set(target, create…())`. */
function isStored(client: Node): boolean {
  const value = outermost(client);
  const parent = value.getParent();
  if (Node.isBinaryExpression(parent)) {
    return parent.getRight() === value && /^(\?\?|\|\||&&)?=$/.test(parent.getOperatorToken().getText());
  }
  const taker = Node.isCallExpression(parent) ? parent.getExpression() : undefined;
  return Node.isPropertyAccessExpression(taker) && /^(set|push|add|unshift)$/.test(taker.getName());
}

/** The expression whose value a call's is, e.g. with the parentheses around it. */
function outermost(call: Node): Node {
  let holder = call;
  for (let parent = holder.getParent(); isTransparent(parent); parent = holder.getParent()) {
    holder = parent;
  }
  return holder;
}

function isTransparent(node: Node | undefined): node is Node {
  return (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isAwaitExpression(node)
  );
}

/** Says that a node is a function with a body of its own. */
export function isFunctionLike(node: Node): boolean {
  return (
    Node.isArrowFunction(node) ||
    Node.isFunctionExpression(node) ||
    Node.isFunctionDeclaration(node) ||
    Node.isMethodDeclaration(node) ||
    Node.isConstructorDeclaration(node) ||
    Node.isGetAccessorDeclaration(node) ||
    Node.isSetAccessorDeclaration(node)
  );
}
