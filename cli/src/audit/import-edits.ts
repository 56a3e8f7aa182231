// SPDX-License-Identifier: Apache-2.0
import type { ImportDeclaration, ImportSpecifier, SourceFile } from "ts-morph";
import type { TextEdit } from "./text-edit.ts";

/** A value to import. */
export interface ImportChange {
  readonly module: string;
  readonly name: string;
  /** Behind which import it goes, when its module is not imported yet. */
  readonly after: ImportDeclaration;
}

/** Adds imports and removes names that nothing uses, in the style of the file: its quotes, semicolons and line ends. */
export function editImports(
  source: SourceFile,
  added: readonly ImportChange[],
  unused: ReadonlySet<string>,
): readonly TextEdit[] {
  const declarations = source.getImportDeclarations();
  const joined = new Map<ImportDeclaration, string[]>();
  const behind = new Map<ImportDeclaration, Map<string, string[]>>();
  for (const { module, name, after } of added) {
    const existing = declarations.find((each) => each.getModuleSpecifierValue() === module && takesNames(each));
    if (existing !== undefined) {
      joined.set(existing, [...(joined.get(existing) ?? []), name]);
    } else {
      const modules = behind.get(after) ?? new Map<string, string[]>();
      behind.set(after, modules.set(module, [...(modules.get(module) ?? []), name]));
    }
  }
  return declarations.flatMap((declaration) => {
    const lines = [...(behind.get(declaration) ?? [])].map(([module, names]) => write(declaration, module, names));
    return editImport(declaration, joined.get(declaration) ?? [], lines, unused);
  });
}

function takesNames(declaration: ImportDeclaration): boolean {
  return !declaration.isTypeOnly() && declaration.getNamedImports().length > 0;
}

function editImport(
  declaration: ImportDeclaration,
  names: readonly string[],
  lines: readonly string[],
  unused: ReadonlySet<string>,
): readonly TextEdit[] {
  const specifiers = declaration.getNamedImports();
  const kept = specifiers.filter((each) => !unused.has(localNameOf(each)));
  const newline = declaration.getSourceFile().getFullText().includes("\r\n") ? "\r\n" : "\n";
  const only = declaration.getDefaultImport() === undefined && declaration.getNamespaceImport() === undefined;
  if (specifiers.length > 0 && kept.length === 0 && names.length === 0 && only) {
    return lines.length > 0
      ? [{ start: declaration.getStart(), end: declaration.getEnd(), text: lines.join(newline) }]
      : [removeLine(declaration, newline)];
  }
  const end = declaration.getEnd();
  return [
    ...editNames(declaration, specifiers, kept, names),
    ...(lines.length === 0 ? [] : [{ start: end, end, text: lines.map((line) => `${newline}${line}`).join("") }]),
  ];
}

/** Rewrites what stands between the braces, with the separator that stands there. */
function editNames(
  declaration: ImportDeclaration,
  specifiers: readonly ImportSpecifier[],
  kept: readonly ImportSpecifier[],
  names: readonly string[],
): readonly TextEdit[] {
  const [first, second, last] = [specifiers[0], specifiers[1], specifiers.at(-1)];
  if (first === undefined || last === undefined || (kept.length === specifiers.length && names.length === 0)) {
    return [];
  }
  const text = declaration.getSourceFile().getFullText();
  const separator = second === undefined ? ", " : text.slice(first.getEnd(), second.getStart());
  const [start, end] = [first.getStart(), last.getEnd()];
  if (/\/[/*]/.test(text.slice(start, end))) {
    // Why: a comment between the names says something about one of them; nothing is taken away there.
    return names.length === 0 ? [] : [{ start: end, end, text: names.map((name) => `, ${name}`).join("") }];
  }
  const all = [...kept.map((each) => each.getText()), ...names];
  return all.length === 0 ? [] : [{ start, end, text: all.join(separator) }];
}

function removeLine(declaration: ImportDeclaration, newline: string): TextEdit {
  const text = declaration.getSourceFile().getFullText();
  const [start, end] = [declaration.getStart(), declaration.getEnd()];
  return { start, end: text.startsWith(newline, end) ? end + newline.length : end, text: "" };
}

function write(like: ImportDeclaration, module: string, names: readonly string[]): string {
  const quote = like.getModuleSpecifier().getQuoteKind();
  const [open, close] = /\{\S/.test(like.getText()) ? ["{", "}"] : ["{ ", " }"];
  const end = like.getText().endsWith(";") ? ";" : "";
  return `import ${open}${names.join(", ")}${close} from ${quote}${module}${quote}${end}`;
}

function localNameOf(specifier: ImportSpecifier): string {
  return specifier.getAliasNode()?.getText() ?? specifier.getName();
}
