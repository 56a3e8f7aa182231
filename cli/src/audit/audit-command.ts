// SPDX-License-Identifier: Apache-2.0
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { didYouMean } from "../suggest.ts";
import { paintFor } from "../terminal/paint.ts";
import { UserError } from "../user-error.ts";
import type { AuditReport } from "./audit-report.ts";
import type { AuditRule } from "./audit-rule.ts";
import { findSourceFiles } from "./find-source-files.ts";
import { formatText } from "./format-text.ts";
import { saySyntaxWarning } from "./syntax-warning.ts";

/** `talaria audit`. */
export const auditCommand: Command = {
  name: "audit",
  summary: "Find clients in TypeScript code that go around the contract",
  usage: "[--fix] [--rule NAME,...] [--tests] [--format FORMAT] [PATH...]",
  help: [
    "Looks for raw grpc-js, Connect and nice-grpc clients, deadlines that are lengthened, retry and breaker libraries around",
    'generated clients, and clients that are opened for each request or never closed. PATH is a file or folder, "." when',
    "there is none. Generated code is not looked at.",
    "",
    "A line with `// talaria-audit-ignore RULE: reason` above it is left alone.",
    "",
    "Exit codes: 0 nothing found, or all of it fixed; 1 findings are left; 2 wrong usage, a path that cannot be",
    "read, or no sources at all.",
  ],
  options: [
    { name: "fix", summary: "Rewrite createClient(S, transport) as guard(transport, sContract)." },
    { name: "rule", value: "NAME,...", summary: "Only these rules." },
    { name: "tests", summary: "Also *.test.ts, *.spec.ts and folders named test, tests or __tests__." },
    { name: "format", value: "FORMAT", choices: ["text", "json", "sarif"], summary: "text (default), json or sarif." },
  ],
  run: runAuditCommand,
};

async function runAuditCommand({ paths, values, flags }: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  // Why: the compiler takes half a second to load, which the other commands do not need.
  const [{ auditRules }, { runAudit }] = await Promise.all([import("./rules.ts"), import("./run-audit.ts")]);
  const rules = selectRules(auditRules, values.get("rule"));
  const tests = flags.has("tests");
  const places = paths.length === 0 ? ["."] : paths;
  const files = findSourceFiles(places, surroundings.folder, { tests });
  if (files.length === 0) {
    throw new UserError(nothingToAudit(places, tests));
  }
  const report = await runAudit({ files, rules, fix: flags.has("fix") }, surroundings);
  for (const warning of report.warnings) {
    surroundings.writeMessage(saySyntaxWarning(warning));
  }
  surroundings.writeOutput(await format(report, values.get("format") ?? "text", surroundings));
  return report.findings.length === 0 ? 0 : 1;
}

/** A path that is mistyped, and exists, must not look like a code base without findings. */
function nothingToAudit(places: readonly string[], tests: boolean): string {
  const left = tests ? "" : " Tests are passed over: --tests audits them, too.";
  return (
    `there is nothing to audit in ${places.join(", ")}: no file *.ts, *.tsx, *.mts or *.cts, ` +
    `beside declarations, node_modules and hidden folders.${left}`
  );
}

function selectRules(all: readonly AuditRule[], names: string | undefined): readonly AuditRule[] {
  if (names === undefined) {
    return all;
  }
  const known = all.map(({ name }) => name);
  return names.split(",").map((name) => {
    const rule = all.find((each) => each.name === name.trim());
    if (rule === undefined) {
      throw new UserError(`there is no rule "${name}".${didYouMean(name, known)} Rules: ${known.join(", ")}.`);
    }
    return rule;
  });
}

async function format({ rules, ...report }: AuditReport, as: string, surroundings: Surroundings): Promise<string> {
  switch (as) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "sarif":
      return (await import("./format-sarif.ts")).formatSarif({ ...report, rules });
    default:
      return formatText({ ...report, rules }, paintFor(surroundings));
  }
}
