// SPDX-License-Identifier: Apache-2.0
import type { Leaves } from "./leaves.ts";
import { type OutlineMethod, type OutlineService, readOutline } from "./read-outline.ts";
import type { TextReplacement } from "./replace-text.ts";
import { writeAnnotation } from "./write-annotation.ts";

/** What to write into a `.proto` text. */
export interface ProtoEdit {
  readonly services: readonly ServiceEdit[];
  /** The annotation language is not imported yet. */
  readonly addImport: boolean;
  /** The package of the annotations, written so that nothing nearer hides it: `service_client` or `.service_client`. */
  readonly optionPackage: string;
}

/** What to write into one service, found by its position among the services of the file. */
export interface ServiceEdit {
  readonly index: number;
  readonly leaves: Leaves;
  /** By the position of the rpc in its service. */
  readonly methods: ReadonlyMap<number, Leaves>;
}

/**
 * Says how to write annotations into a `.proto` text, in the order of the text. Everything else stays as it is: comments,
 * spaces, line ends.
 */
export function editProto(text: string, { services, addImport, optionPackage }: ProtoEdit): readonly TextReplacement[] {
  const outline = readOutline(text);
  const newline = /\r?\n/.exec(text)?.[0] ?? "\n";
  const writer: Writer = { text, newline, optionPackage, unit: indentUnit(text, outline.services) };
  const replacements = services.flatMap(({ index, leaves, methods }) => {
    const service = outline.services[index];
    return service === undefined ? [] : editService(writer, service, leaves, methods);
  });
  const imports = addImport
    ? [importReplacement(writer, outline.importsAfter, outline.hasImports, outline.firstDeclaration)]
    : [];
  return [...imports, ...replacements].toSorted((a, b) => a.start - b.start);
}

interface Writer {
  readonly text: string;
  readonly newline: string;
  readonly optionPackage: string;
  /** One step of indentation. */
  readonly unit: string;
}

function importReplacement(
  { text, newline }: Writer,
  after: number | undefined,
  hasImports: boolean,
  firstDeclaration: number,
): TextReplacement {
  const line = 'import "service_client_config.proto";';
  if (after === undefined) {
    return { start: firstDeclaration, end: firstDeclaration, text: `${line}${newline}${newline}` };
  }
  const end = endOfLine(text, after);
  const gap = hasImports ? newline : newline + newline;
  return end.lineEnds
    ? { start: end.offset, end: end.offset, text: `${gap}${line}` }
    : { start: end.offset, end: end.next, text: `${gap}${line}${newline}` };
}

function editService(
  writer: Writer,
  service: OutlineService,
  leaves: Leaves,
  methods: ReadonlyMap<number, Leaves>,
): readonly TextReplacement[] {
  const indent = indentAt(writer.text, service.start);
  const perMethod = [...methods].flatMap(([index, own]) => {
    const method = service.methods[index];
    return method === undefined ? [] : editMethod(writer, method, own);
  });
  if (leaves.size === 0) {
    return perMethod;
  }
  const inner = indent + writer.unit;
  const lines = writeAnnotation(`${writer.optionPackage}.client_config`, leaves, writer.unit).map(
    (line) => inner + line,
  );
  const followedByMore = /^\r?\n[^\S\n]*[^\s}]/.test(
    writer.text.slice(endOfLine(writer.text, service.optionsAfter).offset),
  );
  const separated = followedByMore && service.firstMethod !== undefined ? [...lines, ""] : lines;
  return [...perMethod, insertAfter(writer, service.optionsAfter, separated, indent)];
}

function editMethod(writer: Writer, { start, body }: OutlineMethod, leaves: Leaves): readonly TextReplacement[] {
  const { text, newline, unit, optionPackage } = writer;
  const indent = indentAt(text, start);
  const lines = writeAnnotation(`${optionPackage}.method_config`, leaves, unit).map((line) => indent + unit + line);
  if (body.kind === "block") {
    return [insertAfter(writer, body.optionsAfter, lines, indent)];
  }
  const { semicolon } = body;
  const open = /\s/.test(text[semicolon - 1] ?? "") ? "{" : " {";
  const block = [...lines, `${indent}}`].map((line) => newline + line).join("");
  const end = endOfLine(text, semicolon + 1);
  // A comment behind the semicolon belongs to the rpc, and stays on its line.
  return end.lineEnds && end.offset > semicolon + 1
    ? [
        { start: semicolon, end: semicolon + 1, text: open },
        { start: end.offset, end: end.offset, text: block },
      ]
    : [{ start: semicolon, end: semicolon + 1, text: `${open}${block}` }];
}

/** Adds lines behind a place, and behind the comment on its line. What else is on that line goes to a line of its own. */
function insertAfter(
  { text, newline }: Writer,
  place: number,
  lines: readonly string[],
  indent: string,
): TextReplacement {
  const end = endOfLine(text, place);
  const inserted = lines.map((line) => newline + line).join("");
  return end.lineEnds
    ? { start: end.offset, end: end.offset, text: inserted }
    : { start: end.offset, end: end.next, text: `${inserted}${newline}${indent}` };
}

interface LineEnd {
  /** Where the line's own content, comments included, ends. */
  readonly offset: number;
  /** Nothing but white space follows on the line. */
  readonly lineEnds: boolean;
  /** What follows otherwise. */
  readonly next: number;
}

/** Passes the comments behind a place, as far as they are on the same line. */
function endOfLine(text: string, place: number): LineEnd {
  const [comments = ""] = /^(?:[^\S\n]*(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/))*/.exec(text.slice(place)) ?? [];
  const content = place + comments.trimEnd().length;
  const [spaces = ""] = /^[^\S\r\n]*/.exec(text.slice(content)) ?? [];
  const next = content + spaces.length;
  const lineEnds = next >= text.length || /^\r?\n/.test(text.slice(next, next + 2));
  return { offset: lineEnds ? next : content, next, lineEnds };
}

/** The white space that the line of a place begins with. */
function indentAt(text: string, place: number): string {
  const line = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  return /^\uFEFF?([ \t]*)/.exec(line)?.[1] ?? "";
}

/** By how much the file indents, as its first rpc on a line of its own shows; two spaces where there is none. */
function indentUnit(text: string, services: readonly OutlineService[]): string {
  for (const { start, firstMethod } of services) {
    const [outer, inner] = [indentAt(text, start), firstMethod === undefined ? "" : indentAt(text, firstMethod)];
    if (inner.length > outer.length && inner.startsWith(outer)) {
      return inner.slice(outer.length);
    }
  }
  return "  ";
}
