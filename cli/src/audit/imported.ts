// SPDX-License-Identifier: Apache-2.0
import { Node, type SourceFile, type Symbol as TsSymbol } from "ts-morph";
import type { CodeBase } from "./code-base.ts";

/** A name that a file imports. */
export interface Imported {
  /** The specifier as the file writes it. */
  readonly module: string;
  /** What the module calls it: `Client`, `credentials.createInsecure`, `default`, or `*` for all of it. */
  readonly name: string;
}

/** What an expression is imported as; undefined when it is not. Namespaces and members are followed: `grpc.Client`. */
export function importedAs(expression: Node): Imported | undefined {
  const bare = unwrap(expression);
  if (Node.isPropertyAccessExpression(bare)) {
    const owner = importedAs(bare.getExpression());
    if (owner === undefined) {
      return undefined;
    }
    const member = bare.getName();
    // Why: a default import of a CommonJS module is the whole module.
    const whole = owner.name === "*" || owner.name === "default";
    return { module: owner.module, name: whole ? member : `${owner.name}.${member}` };
  }
  return Node.isIdentifier(bare) ? declaredImport(symbolOf(bare)) : undefined;
}

/** An expression without what does not change its value: parentheses, assertions, `await`. */
export function unwrap(expression: Node): Node {
  let bare = expression;
  while (
    Node.isParenthesizedExpression(bare) ||
    Node.isAsExpression(bare) ||
    Node.isSatisfiesExpression(bare) ||
    Node.isNonNullExpression(bare) ||
    Node.isAwaitExpression(bare)
  ) {
    bare = bare.getExpression();
  }
  return bare;
}

/** What a name stands for; in `{ orders }`, the variable and not the property. */
export function symbolOf(name: Node): TsSymbol | undefined {
  const parent = name.getParent();
  return Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : name.getSymbol();
}

/** Where a name is declared, imports followed as far as files are loaded. */
export function declarationOf(name: Node): Node | undefined {
  const symbol = symbolOf(name);
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations()[0];
}

/** Where an imported name leads, through modules that export it again. The last file need not be loaded. */
export function followImport(
  expression: Node,
  code: CodeBase,
): { readonly file: string; readonly name: string } | undefined {
  const imported = importedAs(expression);
  const file = imported && code.resolve(imported.module, expression.getSourceFile().getFilePath());
  return file === undefined ? undefined : followExport(file, imported?.name ?? "", code, new Set());
}

/** Where an export of a file is declared. */
export function followExport(
  file: string,
  name: string,
  code: CodeBase,
  seen: Set<string>,
): { readonly file: string; readonly name: string } | undefined {
  if (seen.has(file)) {
    return undefined;
  }
  seen.add(file);
  const source = code.sourceOf(file);
  const declares = new RegExp(`export (?:declare )?(?:const|class|function|interface) ${escapeForRegExp(name)}\\b`);
  if (source === undefined || declares.test(source.getFullText())) {
    return declares.test(code.textOf(file)) ? { file, name } : undefined;
  }
  for (const [specifier, exported] of exportsAgain(source, name)) {
    const target = code.resolve(specifier, file);
    const found = target === undefined ? undefined : followExport(target, exported, code, seen);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function exportsAgain(source: SourceFile, name: string): readonly (readonly [specifier: string, name: string])[] {
  return source.getExportDeclarations().flatMap((declaration): (readonly [string, string])[] => {
    const specifier = declaration.getModuleSpecifierValue();
    if (specifier === undefined || declaration.getNamespaceExport() !== undefined) {
      return [];
    }
    const names = declaration.getNamedExports();
    if (names.length === 0) {
      return [[specifier, name]];
    }
    const own = names.find((each) => (each.getAliasNode()?.getText() ?? each.getName()) === name);
    return own === undefined ? [] : [[specifier, own.getName()]];
  });
}

function declaredImport(symbol: TsSymbol | undefined): Imported | undefined {
  for (const declaration of symbol?.getDeclarations() ?? []) {
    if (Node.isImportSpecifier(declaration)) {
      return { module: declaration.getImportDeclaration().getModuleSpecifierValue(), name: declaration.getName() };
    }
    if (Node.isImportClause(declaration) || Node.isNamespaceImport(declaration)) {
      const parent = declaration.getFirstAncestor(Node.isImportDeclaration);
      const name = Node.isImportClause(declaration) ? "default" : "*";
      return parent && { module: parent.getModuleSpecifierValue(), name };
    }
    const required = requiredModule(declaration);
    if (required !== undefined) {
      return required;
    }
  }
  return undefined;
}

/** `import grpc = require("…")`, `const grpc = require("…")` and `const { Client } = require("…")`. */
function requiredModule(declaration: Node): Imported | undefined {
  if (Node.isImportEqualsDeclaration(declaration)) {
    const module = declaration.getExternalModuleReferenceSourceFile() === undefined && declaration.getModuleReference();
    const [, specifier] = /^require\(["'](.*)["']\)$/.exec(module ? module.getText() : "") ?? [];
    return specifier === undefined ? undefined : { module: specifier, name: "*" };
  }
  const variable = Node.isBindingElement(declaration)
    ? declaration.getFirstAncestor(Node.isVariableDeclaration)
    : declaration;
  const call = Node.isVariableDeclaration(variable) ? variable.getInitializer() : undefined;
  if (!Node.isCallExpression(call) || call.getExpression().getText() !== "require") {
    return undefined;
  }
  const [argument] = call.getArguments();
  const name = Node.isBindingElement(declaration)
    ? (declaration.getPropertyNameNode()?.getText() ?? declaration.getName())
    : "*";
  return Node.isStringLiteral(argument) ? { module: argument.getLiteralValue(), name } : undefined;
}

function escapeForRegExp(name: string): string {
  return name.replaceAll("$", "\\$");
}
