// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, Node } from "ts-morph";
import type { CodeBase } from "./code-base.ts";
import type { GeneratedContract, GeneratedMethod } from "./generated-contract.ts";
import { declarationOf, followImport, importedAs, unwrap } from "./imported.ts";

/** A call of a client that was made from a contract. */
export interface GuardedCall {
  readonly contract: GeneratedContract;
  /** The name of the method as the code writes it. */
  readonly name: string;
  /** What the contract says of it; undefined when the contract's values cannot be read. */
  readonly method: GeneratedMethod | undefined;
}

/** What a call of a guarded client calls; undefined for any other call. */
export function guardedCall(call: CallExpression, code: CodeBase): GuardedCall | undefined {
  const callee = unwrap(call.getExpression());
  return guardedMethod(callee, code);
}

/** The method of a guarded client that an expression is, e.g. `orders.getOrder`. */
export function guardedMethod(expression: Node, code: CodeBase): GuardedCall | undefined {
  if (!Node.isPropertyAccessExpression(expression)) {
    return undefined;
  }
  const contract = guardedClient(expression.getExpression(), code);
  const name = expression.getName();
  return contract && { contract, name, method: contract.methods.find((method) => plain(method.name) === plain(name)) };
}

/** The contract that a client was made from; undefined for what is not such a client. */
function guardedClient(expression: Node, code: CodeBase): GeneratedContract | undefined {
  const client = unwrap(expression);
  return contractOfType(client, code) ?? contractOfOrigin(client, code);
}

/** Names of the run time whose result is a guarded client, and where their contract stands. */
const guards: ReadonlyMap<string, number> = new Map([
  ["guard", 1],
  ["createServiceClient", 0],
]);

/** Opens a client of a contract: the generated function, or the run time's. A guard opens nothing. */
export function openedContract(call: CallExpression, code: CodeBase): GeneratedContract | undefined {
  const declaration = declarationOf(unwrap(call.getExpression()));
  if (Node.isFunctionDeclaration(declaration)) {
    const file = declaration.getSourceFile().getFilePath();
    return code.contracts.ofFile(file).find(({ create }) => create === declaration.getName());
  }
  return importedAs(call.getExpression())?.name === "createServiceClient" ? guardContract(call, code) : undefined;
}

function contractOfType(client: Node, code: CodeBase): GeneratedContract | undefined {
  for (const declaration of client.getType().getSymbol()?.getDeclarations() ?? []) {
    const file = declaration.getSourceFile().getFilePath();
    const name = Node.isInterfaceDeclaration(declaration) ? declaration.getName() : undefined;
    const found = code.contracts.ofFile(file).find((contract) => contract.client === name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The types of the run time are not loaded: what `guard` made is told by the declaration that it initialises. */
function contractOfOrigin(client: Node, code: CodeBase): GeneratedContract | undefined {
  if (Node.isCallExpression(client)) {
    return guardContract(client, code);
  }
  const named = Node.isIdentifier(client) || Node.isPropertyAccessExpression(client);
  const declaration = named ? declarationOf(client) : undefined;
  if (!Node.isVariableDeclaration(declaration) && !Node.isPropertyDeclaration(declaration)) {
    return undefined;
  }
  const initializer = declaration.getInitializer();
  const value = initializer && unwrap(initializer);
  return Node.isCallExpression(value) ? guardContract(value, code) : undefined;
}

function guardContract(call: CallExpression, code: CodeBase): GeneratedContract | undefined {
  const imported = importedAs(call.getExpression());
  const index = imported?.module.startsWith("@talaria/runtime") ? guards.get(imported.name) : undefined;
  const argument = index === undefined ? undefined : call.getArguments()[index];
  const constant = argument && followImport(argument, code);
  return constant && code.contracts.ofFile(constant.file).find(({ contract }) => contract === constant.name);
}

/** `GetOrder`, `get_order` and `getOrder` are one method. */
function plain(name: string): string {
  return name.replaceAll(/[_$]/g, "").toLowerCase();
}
