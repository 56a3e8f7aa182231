// SPDX-License-Identifier: Apache-2.0
import type { ContractPage, MethodPage, PageValue, SoundMethodPage } from "./contract-page.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import { withUnit } from "./limits.ts";
import { sayLongestWait } from "./say-longest-wait.ts";
import { sayNotKnown } from "./say-not-known.ts";
import { saySetBy } from "./say-set-by.ts";

/** Writes a contract page as Markdown, errors first, ending in a newline. */
export function formatContractPage(page: ContractPage): string {
  const errors = page.remarks.filter(({ severity }) => severity === "error");
  const others = page.remarks.filter(({ severity }) => severity !== "error");
  const sections = [
    [`# ${code(page.service)}`, "", `What a client of this service does, as ${code(page.file)} says.`],
    remarks("Errors", errors),
    overview(page),
    ...page.methods.map((method) => methodSection(method, page.file)),
    ["## The connection", "", ...valueLists(page.values, page.file)],
    leftOut(page),
    remarks("Remarks", others),
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${text.join("\n\n")}\n`;
}

function overview({ methods }: ContractPage): readonly string[] {
  if (methods.length === 0) {
    return ["The service has no methods."];
  }
  const rows = methods.map((method) => [
    code(method.name),
    ...(method.errors === undefined ? promise(method) : ["?", "?", "?", "?"]),
  ]);
  return [
    ...table(["Method", "Deadline", "Longest wait", "Requests per call, at most", "Circuit breaker"], rows),
    "",
    "Where a caller retries as well, the requests multiply: 3 attempts there and 3 here are 9 requests.",
  ];
}

function promise(method: SoundMethodPage): readonly string[] {
  return [
    method.deadlineMs === undefined ? "none" : `${method.deadlineMs} ms`,
    sayLongestWait(method),
    String(method.mostRequests),
    plain(method.circuitBreaker ?? "none"),
  ];
}

function methodSection(method: MethodPage, file: string): readonly string[] {
  const { name, kind, idempotencyLevel, values, inherits } = method;
  const summary = method.errors === undefined ? method.summary : [sayNotKnown(method)];
  const level = idempotencyLevel === "IDEMPOTENCY_UNKNOWN" ? "not declared idempotent" : code(idempotencyLevel);
  return [
    `## ${code(name)}`,
    "",
    `${kind.replace("_", " ")}, ${level}${inherits ? ", as the service says" : ""}`,
    "",
    ...summary.map((line) => `- ${plain(line)}`),
    "",
    ...valueLists(values, file),
  ];
}

/** Values that somebody set as a table with their places, and the defaults in one line. */
function valueLists(values: readonly PageValue[], file: string): readonly string[] {
  const set = values.filter(({ setBy }) => setBy !== "default");
  const rows = set.map((value) => [
    code(value.option),
    `${valueText(value)}${value.wrong ? " (wrong)" : ""}`,
    saySetBy(value, file, code),
  ]);
  const defaults = values
    .filter(({ setBy }) => setBy === "default")
    .map((value) => `${code(value.option)} ${valueText(value)}`);
  return [
    ...(rows.length === 0 ? [] : [...table(["Option", "Value", "Set by"], rows), ""]),
    ...(defaults.length === 0 ? [] : [`By default: ${defaults.join(", ")}.`]),
  ];
}

function valueText({ value, unit }: PageValue): string {
  switch (typeof value) {
    case "number":
      return withUnit(value, unit);
    case "object":
      return value.length === 0 ? "none" : value.map(code).join(", ");
    default:
      return code(String(value));
  }
}

function leftOut({ notInServiceConfig }: ContractPage): readonly string[] {
  const rows = notInServiceConfig.map(({ option, methods, instead }) => [
    code(option),
    methods === undefined ? "all" : methods.map(code).join(", "),
    plain(instead),
  ]);
  if (rows.length === 0) {
    return [];
  }
  return [
    "## Not in the service config",
    "",
    "A client in another language that obeys the service config of this service differs in this:",
    "",
    ...table(["Option", "Methods", "Instead"], rows),
  ];
}

function remarks(title: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  const lines = diagnostics.map((remark) => `- ${remark.severity}: ${plain(formatDiagnostic(remark))}`);
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** A code span that nothing inside can end, on one line. */
function code(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const space = line === "" || longest > 0 ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Text that Markdown takes for nothing else, on one line. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ");
}
