// SPDX-License-Identifier: Apache-2.0
import { Node, SyntaxKind } from "ts-morph";
import { declarationOf, unwrap } from "./imported.ts";

/** The value of an expression that is a number whatever happens; undefined when that cannot be told. */
export function constantNumber(expression: Node | undefined): number | undefined {
  return expression === undefined ? undefined : evaluate(unwrap(expression), 0);
}

/** Constants that are made of constants are followed this far. */
const maxDepth = 8;

function evaluate(node: Node, depth: number): number | undefined {
  if (depth > maxDepth) {
    return undefined;
  }
  const next = (part: Node): number | undefined => evaluate(unwrap(part), depth + 1);
  if (Node.isNumericLiteral(node)) {
    return node.getLiteralValue();
  }
  if (Node.isPrefixUnaryExpression(node)) {
    const value = next(node.getOperand());
    return value !== undefined && node.getOperatorToken() === SyntaxKind.MinusToken ? -value : undefined;
  }
  if (Node.isBinaryExpression(node)) {
    const [left, right] = [next(node.getLeft()), next(node.getRight())];
    return left === undefined || right === undefined
      ? undefined
      : combine(left, right, node.getOperatorToken().getKind());
  }
  if (Node.isIdentifier(node) || Node.isPropertyAccessExpression(node)) {
    return named(node.getText()) ?? initial(node, next);
  }
  return undefined;
}

function combine(left: number, right: number, operator: SyntaxKind): number | undefined {
  switch (operator) {
    case SyntaxKind.AsteriskToken:
      return left * right;
    case SyntaxKind.SlashToken:
      return left / right;
    case SyntaxKind.PlusToken:
      return left + right;
    case SyntaxKind.MinusToken:
      return left - right;
    case SyntaxKind.AsteriskAsteriskToken:
      return left ** right;
    default:
      return undefined;
  }
}

function named(name: string): number | undefined {
  switch (name) {
    case "Infinity":
    case "Number.POSITIVE_INFINITY":
      return Number.POSITIVE_INFINITY;
    case "Number.MAX_SAFE_INTEGER":
      return Number.MAX_SAFE_INTEGER;
    case "Number.MAX_VALUE":
      return Number.MAX_VALUE;
    default:
      return undefined;
  }
}

function initial(node: Node, next: (part: Node) => number | undefined): number | undefined {
  const declaration = declarationOf(node);
  const constant =
    Node.isVariableDeclaration(declaration) && declaration.getVariableStatement()?.getDeclarationKind() === "const";
  const value = constant ? declaration.getInitializer() : undefined;
  return value === undefined ? undefined : next(value);
}
