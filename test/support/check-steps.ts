// SPDX-License-Identifier: Apache-2.0

import { readSourceFiles, readTextFiles, type SourceFiles } from "../repository/source-files.ts";
import { escapingImports, machinePaths, missingLicences, registryAddresses } from "../repository/source-rules.ts";
import { findStaleFiles } from "../repository/stale-files.ts";
import { undocumentedExports } from "../repository/undocumented-exports.ts";
import { runCommand } from "./run-command.ts";

/** What a step found. */
export type StepResult =
  | { readonly kind: "passed" }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "failed"; readonly output: string };

/** One thing that `npm run check` checks. */
export interface Step {
  readonly name: string;
  /** What it checks, to complete "checks that …". */
  readonly purpose: string;
  run(): Promise<StepResult>;
}

/** Every step, in the order in which they run. */
export const steps: readonly Step[] = [
  {
    name: "code",
    purpose: "TypeScript and JSON are formatted and linted, and the import fences hold",
    run: () => command("biome", "ci", "--colors=off", "--error-on-warnings", "--diagnostic-level=warn"),
  },
  {
    name: "proto-format",
    purpose: "the .proto files are formatted",
    run: () => command("buf", "format", "--diff", "--exit-code"),
  },
  {
    name: "proto-lint",
    purpose: "the .proto files pass buf's rules and our own",
    run: () => command("buf", "lint"),
  },
  {
    name: "proto-breaking",
    purpose: "the annotation language breaks nobody who uses it, compared with the main branch",
    run: checkBreaking,
  },
  {
    name: "types",
    purpose: "everything type-checks",
    run: () => command("tsc", "--noEmit", "-p", "tsconfig.json"),
  },
  {
    name: "unused",
    purpose: "no file, export or dependency is unused",
    run: () => command("knip", "--no-progress", "--treat-config-hints-as-errors"),
  },
  {
    name: "generated",
    purpose: "generated code is what its sources generate; `npm run generate` makes it so",
    run: async () => verdict(await findStaleFiles()),
  },
  {
    name: "docs",
    purpose: "everything that a package exports has a doc comment",
    run: () => checkSources(undocumentedExports),
  },
  {
    name: "sources",
    purpose: "sources name their licence and stay inside their package",
    run: () => checkSources(missingLicences, escapingImports),
  },
  {
    name: "addresses",
    purpose: "nothing that is checked in, generated or not, names a path or a registry of one machine",
    run: async () => {
      const files = await readTextFiles();
      return verdict([...machinePaths(files), ...registryAddresses(files)]);
    },
  },
];

async function command(...line: readonly string[]): Promise<StepResult> {
  const { code, stdout, stderr } = await runCommand(line);
  return code === 0 ? { kind: "passed" } : { kind: "failed", output: `${stdout}${stderr}` };
}

async function checkSources(...rules: readonly ((files: SourceFiles) => string[])[]): Promise<StepResult> {
  const files = await readSourceFiles();
  return verdict(rules.flatMap((rule) => rule(files)));
}

function verdict(findings: readonly string[]): StepResult {
  return findings.length === 0 ? { kind: "passed" } : { kind: "failed", output: findings.join("\n") };
}

/** Compares with the commit that the main branch had before this work: on the main branch itself, its last but one. */
async function checkBreaking(): Promise<StepResult> {
  const head = await commitOf("HEAD");
  const main = (await commitOf("origin/main")) ?? (await commitOf("main"));
  const baseline = main === head ? await commitOf("HEAD~1") : main;
  if (baseline === undefined) {
    return { kind: "skipped", reason: "this clone has no earlier commit of the main branch" };
  }
  const folder = await runCommand(["git", "cat-file", "-e", `${baseline}:proto`]);
  if (folder.code !== 0) {
    return { kind: "skipped", reason: `${baseline.slice(0, 12)} has no proto/ yet` };
  }
  return command("buf", "breaking", "proto", "--against", `.git#ref=${baseline},subdir=proto`);
}

async function commitOf(name: string): Promise<string | undefined> {
  const { code, stdout } = await runCommand(["git", "rev-parse", "--verify", "--quiet", `${name}^{commit}`]);
  return code === 0 ? stdout.trim() : undefined;
}
