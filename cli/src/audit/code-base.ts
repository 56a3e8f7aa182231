// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Project, type SourceFile, type ts } from "ts-morph";
import { type Contracts, createContracts } from "./contracts.ts";
import { isGeneratedClient } from "./generated-contract.ts";
import { createModuleResolver, type ResolveModule } from "./module-resolver.ts";

/** The part of a code base that an audit needs to understand: suspects, and what they import that matters. */
export interface CodeBase {
  /** The files to look at. */
  readonly suspects: readonly SourceFile[];
  readonly contracts: Contracts;
  readonly resolve: ResolveModule;
  /** A file that was loaded, by its path. */
  readonly sourceOf: (file: string) => SourceFile | undefined;
  /** The text of any file; empty when it cannot be read. */
  readonly textOf: (file: string) => string;
}

/**
 * Loads suspects with the clients they may use: generated ones, and modules in between that hold or export them. Neither
 * the standard library nor dependencies are loaded, so a type is known when it is declared in the code base. That is what
 * makes it fast, and enough to tell the client behind `this.orders`.
 */
export function openCodeBase(texts: ReadonlyMap<string, string>, suspects: readonly string[]): CodeBase {
  const resolve = rememberResolved(createModuleResolver());
  const project = createProject(resolve);
  const textOf = remember((file: string): string => texts.get(file) ?? read(file));
  const mattersOnce = remember((file: string) => matters(file, textOf));
  const load = (file: string): SourceFile => project.addSourceFileAtPath(file);
  const loaded = suspects.map(load);
  const queue = [...loaded];
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    for (const specifier of specifiersOf(source)) {
      const file = resolve(specifier, source.getFilePath());
      if (file !== undefined && project.getSourceFile(file) === undefined && mattersOnce(file)) {
        queue.push(load(file));
      }
    }
  }
  return {
    suspects: loaded,
    contracts: createContracts(texts),
    resolve,
    sourceOf: (file) => project.getSourceFile(file),
    textOf,
  };
}

function createProject(resolve: ResolveModule): Project {
  return new Project({
    compilerOptions: { noLib: true, noResolve: true, types: [], allowJs: true, strict: false },
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    resolutionHost: () => ({
      resolveModuleNames: (names, from): (ts.ResolvedModule | undefined)[] =>
        names.map((name) => {
          const resolvedFileName = resolve(name, from);
          return resolvedFileName === undefined ? undefined : { resolvedFileName };
        }),
    }),
  });
}

function specifiersOf(source: SourceFile): readonly string[] {
  return [...source.getImportDeclarations(), ...source.getExportDeclarations()].flatMap(
    (declaration) => declaration.getModuleSpecifierValue() ?? [],
  );
}

/** Messages do not matter, large as they are; of dependencies, only what leads to generated clients. */
function matters(file: string, textOf: (file: string) => string): boolean {
  if (/_pb(\.d)?\.[cm]?[jt]s$/.test(file)) {
    return false;
  }
  const text = textOf(file);
  if (file.includes("/node_modules/")) {
    return isGeneratedClient(text) || /export [^;]*from\s*["'][^"']*_(?:pb|client)\b/.test(text);
  }
  return /_client\b|Client\b|export [^;]*\bfrom\b/.test(text);
}

function rememberResolved(resolve: ResolveModule): ResolveModule {
  const resolveFrom = remember((from: string) => remember((specifier: string) => resolve(specifier, from)));
  return (specifier, from) => resolveFrom(from)(specifier);
}

function remember<T>(find: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) {
      return found as T;
    }
    const value = find(key);
    known.set(key, value);
    return value;
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
