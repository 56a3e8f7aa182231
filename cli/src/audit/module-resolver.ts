// SPDX-License-Identifier: Apache-2.0
import { dirname } from "node:path";
import { ts } from "ts-morph";

/** Finds the file that a module specifier means in a file; undefined when there is none. */
export type ResolveModule = (specifier: string, from: string) => string | undefined;

const fallback: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/** Resolves as the compiler does, with the `paths` and conditions of the tsconfig.json nearest to each file. */
export function createModuleResolver(): ResolveModule {
  const settings = new Map<string, Settings>();
  const settingsOf = (folder: string): Settings => {
    const known = settings.get(folder);
    if (known !== undefined) {
      return known;
    }
    const config = ts.sys.fileExists(`${folder}/tsconfig.json`) ? `${folder}/tsconfig.json` : undefined;
    const above = dirname(folder);
    const found = config === undefined && above !== folder ? settingsOf(above) : readSettings(config);
    settings.set(folder, found);
    return found;
  };
  return (specifier, from) => {
    if (specifier.startsWith("node:")) {
      return undefined;
    }
    const { options, cache } = settingsOf(dirname(from));
    return ts.resolveModuleName(specifier, from, options, ts.sys, cache).resolvedModule?.resolvedFileName;
  };
}

interface Settings {
  readonly options: ts.CompilerOptions;
  readonly cache: ts.ModuleResolutionCache;
}

function readSettings(file: string | undefined): Settings {
  const own = file === undefined ? {} : readOptions(file);
  const options = own.module === undefined && own.moduleResolution === undefined ? { ...fallback, ...own } : own;
  const folder = file === undefined ? ts.sys.getCurrentDirectory() : dirname(file);
  return { options, cache: ts.createModuleResolutionCache(folder, (name) => name, options) };
}

function readOptions(file: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  // Why: which files belong to the project does not matter here, and listing them takes long.
  const host: ts.ParseConfigHost = { ...ts.sys, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config ?? {}, host, dirname(file)).options;
}
