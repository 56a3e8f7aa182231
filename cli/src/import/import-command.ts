// SPDX-License-Identifier: Apache-2.0
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { compileProtos } from "../protos/load-protos.ts";
import { readConfigFile } from "../read-config-file.ts";
import { paintFor } from "../terminal/paint.ts";
import { UserError } from "../user-error.ts";
import { editFiles, type FileEdit } from "./edit-files.ts";
import { formatFindings, formatSummary } from "./format-report.ts";
import { type ImportPlan, planImport } from "./plan-import.ts";
import { proveCopy } from "./prove-copy.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { writeAndProve } from "./write-and-prove.ts";

/** `talaria import`. */
export const importCommand: Command = {
  name: "import",
  summary: "Write existing service configs into .proto files, as annotations",
  usage: "--proto DIR [--dry-run | --check] [--format FORMAT] CONFIG.json...",
  help: [
    "Reads gRPC service configs (*_grpc_service_config.json) and writes what they say about each method into the .proto",
    "files of a buf module or workspace: on the service what its methods agree on, on methods the rest. Comments, formatting",
    "and line ends stay. Annotations that are there already are never changed. The result is compiled and compared with",
    "the configs; if that fails, the files are put back. Importing again changes nothing.",
    "",
    "The report lists names that do not exist, duplicates, policies that are invalid or unsafe, and everything that could",
    "not be written, each with what was done about it.",
    "",
    "Exit codes: 0 the .proto files say what the configs say; 1 not in all points, see the errors in the report, or with",
    "--check there is something to write; 2 wrong usage, or input that cannot be read or does not compile.",
  ],
  options: [
    { name: "proto", value: "DIR", summary: "The buf module or workspace of the .proto files. Needed." },
    {
      name: "dry-run",
      summary: "Print a diff, prove it on a copy, write nothing. The report goes to the standard error.",
    },
    { name: "check", summary: "Write nothing; exit code 1 when there is something to write." },
    {
      name: "attempts-when-missing",
      value: "N",
      choices: ["2", "3", "4", "5"],
      summary: "max_attempts for retry policies without maxAttempts; 5 when absent.",
    },
    { name: "format", value: "FORMAT", choices: ["text", "json"], summary: "text (default) or json." },
  ],
  run: runImport,
};

async function runImport({ paths, values, flags }: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const proto = values.get("proto");
  if (proto === undefined) {
    throw new UserError(
      "talaria import needs --proto DIR, the module that the configs are for. See `talaria import --help`.",
    );
  }
  if (paths.length === 0) {
    throw new UserError("talaria import needs the configs to import. See `talaria import --help`.");
  }
  if (flags.has("dry-run") && flags.has("check")) {
    throw new UserError("talaria import takes either --dry-run or --check. Leave out one of them.");
  }
  const configs = [...new Set(paths)].map((path) => readConfigFile(path, surroundings.folder));
  const protos = await compileProtos(proto, surroundings);
  const attempts = Number(values.get("attempts-when-missing") ?? 5);
  const plan = planImport(configs, protos.services, attempts);
  const edits = await editFiles(proto, plan, protos, surroundings);
  const writes = !flags.has("dry-run") && !flags.has("check");
  const replan = (services: typeof protos.services): ImportPlan => planImport(configs, services, attempts);
  if (writes && edits.length > 0) {
    await writeAndProve(proto, edits, plan, replan, surroundings);
  }
  report(plan, edits, { json: values.get("format") === "json", flags, writes }, surroundings);
  if (flags.has("dry-run") && edits.length > 0) {
    // After the diff, which shows what it is about when this fails.
    await proveCopy(proto, edits, plan, replan, surroundings);
    if (values.get("format") !== "json") {
      surroundings.writeMessage("The annotated .proto files compile, and come out as planned.\n");
    }
  }
  const failed = plan.findings.some(({ severity }) => severity === "error") || (flags.has("check") && edits.length > 0);
  return failed ? 1 : 0;
}

interface ReportOptions {
  readonly json: boolean;
  readonly flags: ReadonlySet<string>;
  readonly writes: boolean;
}

function report(
  { findings, services, methods }: ImportPlan,
  edits: readonly FileEdit[],
  { json, flags, writes }: ReportOptions,
  surroundings: Surroundings,
): void {
  const { writeOutput, writeMessage } = surroundings;
  const counts = { services: services.length, methods, written: writes };
  if (json) {
    const files = edits.map(({ path, text, replacements }) => ({
      path,
      ...(flags.has("dry-run") ? { diff: unifiedDiff(path, text, replacements, (_, plain) => plain) } : {}),
    }));
    writeOutput(`${JSON.stringify({ ...counts, files, findings }, null, 2)}\n`);
    return;
  }
  const paint = paintFor(surroundings);
  const text = [
    ...formatFindings(findings, paint),
    formatSummary(counts, edits.length, findings, flags.has("check")),
  ].join("\n");
  if (flags.has("dry-run")) {
    writeOutput(
      edits
        .map(({ path, text: before, replacements }) => `${unifiedDiff(path, before, replacements, paint)}\n`)
        .join(""),
    );
    writeMessage(`${text}\n`);
  } else {
    writeOutput(`${text}\n`);
  }
}
