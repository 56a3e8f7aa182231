// SPDX-License-Identifier: Apache-2.0
import { type ProtoToken, readTokens } from "./proto-tokens.ts";

/** Where the services of a `.proto` text are, and where options and imports can be added. All numbers are offsets. */
export interface ProtoOutline {
  /** After what an import can follow: the last import, else the package, else the syntax. Absent: there is none of them. */
  readonly importsAfter?: number;
  /** What {@link importsAfter} follows is an import. */
  readonly hasImports: boolean;
  /** Where the first declaration begins, with the comment that belongs to it. */
  readonly firstDeclaration: number;
  /** In the order of the text, which is that of the descriptor. */
  readonly services: readonly OutlineService[];
}

/** A service in the text. */
export interface OutlineService {
  readonly name: string;
  readonly start: number;
  /** After the `{`, or after the last option if options come first. */
  readonly optionsAfter: number;
  /** Where the first rpc begins. Absent: it has none. */
  readonly firstMethod?: number;
  readonly methods: readonly OutlineMethod[];
}

/** An rpc in the text. */
export interface OutlineMethod {
  readonly name: string;
  readonly start: number;
  readonly body:
    | { readonly kind: "none"; readonly semicolon: number }
    /** After the `{`, or after the last option. */
    | { readonly kind: "block"; readonly optionsAfter: number };
}

/** Finds services and rpcs in the text of a `.proto` that compiles. */
export function readOutline(text: string): ProtoOutline {
  const all = readTokens(text);
  const tokens = all.filter(({ kind }) => kind !== "comment");
  const services: OutlineService[] = [];
  let importsAfter: number | undefined;
  let hasImports = false;
  for (let next = 0; next < tokens.length; ) {
    const word = tokens[next]?.text ?? "";
    const end = endOfStatement(tokens, next);
    if (word === "service") {
      services.push(readService(tokens, next));
    } else if (word === "import" || (!hasImports && headWords.has(word))) {
      importsAfter = tokens[end - 1]?.end ?? 0;
      hasImports ||= word === "import";
    }
    next = end;
  }
  const firstDeclaration = startWithComments(all, text);
  return { ...(importsAfter === undefined ? {} : { importsAfter }), hasImports, firstDeclaration, services };
}

const headWords: ReadonlySet<string> = new Set(["syntax", "edition", "package"]);

/** The token after a statement: after its `;`, or after the block that ends it. */
function endOfStatement(tokens: readonly ProtoToken[], from: number): number {
  const isOption = tokens[from]?.text === "option";
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const { kind, text } = tokens[index] ?? { kind: "symbol", text: "" };
    if (kind !== "symbol") {
      continue;
    }
    if (text === "{" || text === "[" || text === "(") {
      depth += 1;
    } else if (text === "}" || text === "]" || text === ")") {
      depth -= 1;
    }
    // The value of an option may be a block, and goes on to the semicolon.
    if (depth === 0 && (text === ";" || (text === "}" && !isOption))) {
      return index + 1;
    }
  }
  return tokens.length;
}

function readService(tokens: readonly ProtoToken[], from: number): OutlineService {
  const open = from + 2;
  const methods: OutlineMethod[] = [];
  let optionsAfter = tokens[open]?.end ?? 0;
  for (let next = open + 1; next < tokens.length && tokens[next]?.text !== "}"; ) {
    const end = endOfStatement(tokens, next);
    if (tokens[next]?.text === "rpc") {
      methods.push(readMethod(tokens, next, end));
    } else if (tokens[next]?.text === "option" && methods.length === 0) {
      optionsAfter = tokens[end - 1]?.end ?? optionsAfter;
    }
    next = end;
  }
  const [first] = methods;
  return {
    name: tokens[from + 1]?.text ?? "",
    start: tokens[from]?.start ?? 0,
    optionsAfter,
    ...(first === undefined ? {} : { firstMethod: first.start }),
    methods,
  };
}

function readMethod(tokens: readonly ProtoToken[], from: number, end: number): OutlineMethod {
  const name = tokens[from + 1]?.text ?? "";
  const start = tokens[from]?.start ?? 0;
  const open = tokens.findIndex(
    ({ text, kind }, index) => index > from && index < end && kind === "symbol" && text === "{",
  );
  if (open === -1) {
    return { name, start, body: { kind: "none", semicolon: tokens[end - 1]?.start ?? 0 } };
  }
  let optionsAfter = tokens[open]?.end ?? 0;
  for (let next = open + 1; next < end - 1; ) {
    const after = endOfStatement(tokens, next);
    if (tokens[next]?.text === "option") {
      optionsAfter = tokens[after - 1]?.end ?? optionsAfter;
    }
    next = after;
  }
  return { name, start, body: { kind: "block", optionsAfter } };
}

/** The first declaration, or the first of the comments right above it. */
function startWithComments(all: readonly ProtoToken[], text: string): number {
  const first = all.findIndex(({ kind }) => kind !== "comment");
  if (first === -1) {
    return text.length;
  }
  let start = all[first]?.start ?? 0;
  for (let index = first - 1; index >= 0; index--) {
    const comment = all[index];
    if (comment === undefined || /\n[^\S\n]*\r?\n/.test(text.slice(comment.end, start))) {
      break;
    }
    start = comment.start;
  }
  return start;
}
