// SPDX-License-Identifier: Apache-2.0
import { dirname, posix } from "node:path";
import { type ImportDeclaration, Node, type SourceFile, SyntaxKind } from "ts-morph";
import type { GuardFix } from "./audit-rule.ts";
import type { CodeBase } from "./code-base.ts";
import type { GeneratedContract } from "./generated-contract.ts";
import { editImports, type ImportChange } from "./import-edits.ts";
import { followExport } from "./imported.ts";
import { applyEdits } from "./text-edit.ts";

const runtime = "@talaria/runtime";

/**
 * Writes `guard(transport, orderServiceContract)` for each `createClient(OrderService, transport)` of a file. The transport
 * stays what it is: where its calls go, and with which certificates, cannot be told from here. Imports that nothing uses
 * any more go away.
 *
 * @returns the new text; undefined when the file gives the names that are needed another meaning.
 */
export function guardClients(source: SourceFile, fixes: readonly GuardFix[], code: CodeBase): string | undefined {
  const added = new Map<string, ImportChange>();
  const local = (module: string, name: string, after: Node): string | undefined => {
    const imported = localName(source, module, name);
    if (imported !== undefined) {
      return imported;
    }
    if (isTaken(source, name)) {
      return undefined;
    }
    added.set(`${module} ${name}`, { module, name, after: after.getFirstAncestorOrThrow(Node.isImportDeclaration) });
    return name;
  };
  const edits = [];
  for (const { call, contract } of fixes) {
    const [service, transport] = call.getArguments();
    const serviceImport = service && importSpecifier(service);
    const makerImport = importSpecifier(leftmost(call.getExpression()));
    if (service === undefined || transport === undefined || serviceImport === undefined || makerImport === undefined) {
      return undefined;
    }
    const guard = local(runtime, "guard", makerImport);
    const constant = local(contractModule(serviceImport, contract, code), contract.contract, serviceImport);
    if (guard === undefined || constant === undefined) {
      return undefined;
    }
    edits.push(
      { start: call.getExpression().getStart(), end: call.getExpression().getEnd(), text: guard },
      { start: service.getStart(), end: service.getEnd(), text: transport.getText() },
      { start: transport.getStart(), end: transport.getEnd(), text: constant },
    );
  }
  const replaced = new Set(
    fixes.flatMap(({ call }) => [leftmost(call.getExpression()), ...call.getArguments().slice(0, 1)]),
  );
  const imports = editImports(source, [...added.values()], unusedAfter(source, replaced));
  return applyEdits(source.getFullText(), [...edits, ...imports]);
}

function leftmost(callee: Node): Node {
  return Node.isPropertyAccessExpression(callee) ? leftmost(callee.getExpression()) : callee;
}

function importSpecifier(name: Node): Node | undefined {
  return name
    .getSymbol()
    ?.getDeclarations()
    .find((each) => each.getFirstAncestor(Node.isImportDeclaration) !== undefined);
}

/** What a file calls a value that it imports already. */
function localName(source: SourceFile, module: string, name: string): string | undefined {
  const specifier = source
    .getImportDeclarations()
    .filter((each) => each.getModuleSpecifierValue() === module && !each.isTypeOnly())
    .flatMap((each) => each.getNamedImports())
    .find((each) => each.getName() === name && !each.isTypeOnly());
  return specifier && (specifier.getAliasNode()?.getText() ?? specifier.getName());
}

function isTaken(source: SourceFile, name: string): boolean {
  return source.getDescendantsOfKind(SyntaxKind.Identifier).some((identifier) => {
    const parent = identifier.getParent();
    const isMember = Node.isPropertyAccessExpression(parent) && parent.getNameNode() === identifier;
    return identifier.getText() === name && !isMember;
  });
}

/** Names that are imported and, once some uses are replaced, used nowhere else. */
function unusedAfter(source: SourceFile, replaced: ReadonlySet<Node>): ReadonlySet<string> {
  const names = new Set([...replaced].map((node) => node.getText()));
  for (const identifier of source.getDescendantsOfKind(SyntaxKind.Identifier)) {
    if (!replaced.has(identifier) && identifier.getFirstAncestor(Node.isImportDeclaration) === undefined) {
      names.delete(identifier.getText());
    }
  }
  return names;
}

/** Where to import the contract from: beside the messages, from the module that exports them again, or its own file. */
function contractModule(serviceImport: Node, contract: GeneratedContract, code: CodeBase): string {
  const declaration: ImportDeclaration = serviceImport.getFirstAncestorOrThrow(Node.isImportDeclaration);
  const specifier = declaration.getModuleSpecifierValue();
  const beside = specifier.replace(/_pb(?=(\.[cm]?[jt]s)?$)/, "_client");
  if (beside !== specifier) {
    return beside;
  }
  const from = declaration.getSourceFile().getFilePath();
  const barrel = code.resolve(specifier, from);
  if (barrel !== undefined && followExport(barrel, contract.contract, code, new Set()) !== undefined) {
    return specifier;
  }
  const [extension = ""] = /\.[cm]?[jt]s$/.exec(specifier) ?? [];
  const path = posix.relative(dirname(from), contract.file).replace(/(\.d)?\.[cm]?[jt]s$/, extension);
  return path.startsWith(".") ? path : `./${path}`;
}
