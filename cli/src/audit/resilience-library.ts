// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, type NewExpression, Node, type SourceFile, SyntaxKind } from "ts-morph";
import type { CodeBase } from "./code-base.ts";
import { type GuardedCall, guardedCall, guardedMethod } from "./guarded-client.ts";
import { declarationOf, importedAs, unwrap } from "./imported.ts";

/** What a library does around a call. */
export type Wrapping = "retry" | "breaker";

/** What a library exports that wraps, by name; `*` stands for all its exports. */
type Wrappers = Readonly<Record<string, Wrapping>>;

const retries: Wrappers = { "*": "retry" };
const breakers: Wrappers = { "*": "breaker" };

/** The libraries that are known. */
const libraries: Readonly<Record<string, Wrappers>> = {
  "@lifeomic/attempt": retries,
  "async-retry": retries,
  brakes: breakers,
  cockatiel: { retry: "retry", RetryPolicy: "retry", circuitBreaker: "breaker", CircuitBreakerPolicy: "breaker" },
  "exponential-backoff": retries,
  opossum: breakers,
  "p-retry": { default: "retry", pRetry: "retry", makeRetriable: "retry" },
  "promise-retry": retries,
  retry: { operation: "retry", wrap: "retry" },
  "ts-retry": retries,
  "ts-retry-promise": retries,
};

/** The names of the libraries, to find them in a text. */
export const libraryNames: RegExp = new RegExp(
  `["'](?:${Object.keys(libraries)
    .map((name) => name.replaceAll(/[/-]/g, "\\$&"))
    .join("|")})["']`,
);

/** A call of a guarded client that a library wraps. */
export interface WrappedCall {
  /** The call of the library. */
  readonly node: Node;
  readonly library: string;
  readonly call: GuardedCall;
}

/** Finds what libraries wrap in this way. Of several guarded calls inside one wrapper, the first is told. */
export function findWrappedCalls(source: SourceFile, wrapping: Wrapping, code: CodeBase): readonly WrappedCall[] {
  const nodes = [
    ...source.getDescendantsOfKind(SyntaxKind.CallExpression),
    ...source.getDescendantsOfKind(SyntaxKind.NewExpression),
  ];
  return nodes.flatMap((node) => {
    const library = libraryOf(node.getExpression(), wrapping, 0);
    const call = library === undefined ? undefined : firstGuardedCall(node, wrapping, code);
    return library === undefined || call === undefined ? [] : [{ node, library, call }];
  });
}

/** How many variables are followed from `policy.execute` to the import that the policy is made of. */
const maxDepth = 4;

/** The library that an expression comes from, by way of members, calls and constants. */
function libraryOf(expression: Node, wrapping: Wrapping, depth: number): string | undefined {
  const bare = unwrap(expression);
  const imported = importedAs(bare);
  if (imported !== undefined) {
    const wrappers = Object.hasOwn(libraries, imported.module) ? libraries[imported.module] : undefined;
    const [head = ""] = imported.name.split(".");
    return (wrappers?.[head] ?? wrappers?.["*"]) === wrapping ? imported.module : undefined;
  }
  if (depth > maxDepth) {
    return undefined;
  }
  if (Node.isPropertyAccessExpression(bare)) {
    return (
      libraryOf(bare.getExpression(), wrapping, depth) ?? libraryOfDeclaration(declarationOf(bare), wrapping, depth)
    );
  }
  if (Node.isIdentifier(bare)) {
    return libraryOfDeclaration(declarationOf(bare), wrapping, depth);
  }
  if (Node.isCallExpression(bare) || Node.isNewExpression(bare)) {
    for (const part of [bare.getExpression(), ...bare.getArguments()]) {
      const found = libraryOf(part, wrapping, depth + 1);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

function libraryOfDeclaration(declaration: Node | undefined, wrapping: Wrapping, depth: number): string | undefined {
  const declares = Node.isVariableDeclaration(declaration) || Node.isPropertyDeclaration(declaration);
  const initializer = declares ? declaration.getInitializer() : undefined;
  return initializer && libraryOf(initializer, wrapping, depth + 1);
}

function firstGuardedCall(
  node: CallExpression | NewExpression,
  wrapping: Wrapping,
  code: CodeBase,
): GuardedCall | undefined {
  for (const argument of node.getArguments()) {
    const found = guardedCallIn(unwrap(argument), wrapping, code);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** A function's calls are looked at, also those of a function that is named; and a method that is handed over. */
function guardedCallIn(argument: Node, wrapping: Wrapping, code: CodeBase): GuardedCall | undefined {
  const method = guardedMethod(argument, code);
  if (method !== undefined) {
    return method;
  }
  const work = Node.isIdentifier(argument) ? functionOf(declarationOf(argument)) : argument;
  if (work === undefined || !isFunction(work)) {
    return undefined;
  }
  for (const call of work.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const found = guardedCall(call, code);
    if (found !== undefined && !(wrapping === "retry" && isSingleAttempt(call))) {
      return found;
    }
  }
  return undefined;
}

function functionOf(declaration: Node | undefined): Node | undefined {
  return Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : declaration;
}

function isFunction(node: Node): boolean {
  return (
    Node.isArrowFunction(node) ||
    Node.isFunctionExpression(node) ||
    Node.isFunctionDeclaration(node) ||
    Node.isMethodDeclaration(node)
  );
}

/** `orders.getOrder(request, withoutRetry())` leaves the retries to its caller. */
function isSingleAttempt(call: CallExpression): boolean {
  const [, options] = call.getArguments();
  return Node.isCallExpression(options) && importedAs(options.getExpression())?.name === "withoutRetry";
}
