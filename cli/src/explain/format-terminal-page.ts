// SPDX-License-Identifier: Apache-2.0
import {
  type ContractPage,
  type Diagnostic,
  formatDiagnostic,
  type MethodPage,
  type PageValue,
  type SoundMethodPage,
  sayLongestWait,
  sayNotKnown,
  saySetBy,
} from "@talaria/contract";
import { columns } from "../terminal/columns.ts";
import { oneLine } from "../terminal/one-line.ts";
import type { Paint } from "../terminal/paint.ts";
import { sayValue } from "../terminal/say-value.ts";
import { wrap } from "../terminal/wrap.ts";

/** How a page is written. */
export interface PageStyle {
  readonly paint: Paint;
  /** Lines that can be wrapped are not longer than this many characters. */
  readonly width: number;
}

/** Writes a contract page for a terminal, errors first, ending in a newline. */
export function formatTerminalPage(page: ContractPage, style: PageStyle): string {
  const { paint } = style;
  const errors = page.remarks.filter(({ severity }) => severity === "error");
  const others = page.remarks.filter(({ severity }) => severity !== "error");
  const sections = [
    [`${paint("bold", page.service)}  ${paint("dim", page.file)}`],
    section(
      "Errors: no client is generated, and what they leave unknown is not on the rest of this page",
      remarks(errors, paint),
      paint,
    ),
    overview(page, paint),
    ...page.methods.map((method) => methodSection(method, page.file, style)),
    section("The connection", valueLines(page.values, page.file, style), paint),
    section("Not in the service config: a client in another language differs in this", leftOut(page), paint),
    section("Remarks", remarks(others, paint), paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(oneLine).join("\n"))
    .join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint("bold", title), ...lines];
}

function overview({ methods }: ContractPage, paint: Paint): readonly string[] {
  if (methods.length === 0) {
    return ["The service has no methods."];
  }
  const rows = methods.map((method) => [
    method.name,
    ...(method.errors === undefined ? promise(method) : ["?", "?", "?", "?"]),
  ]);
  const [head = "", ...lines] = columns([
    ["Method", "Deadline", "Longest wait", "Requests", "Circuit breaker"],
    ...rows,
  ]);
  const most = Math.max(...methods.map((method) => (method.errors === undefined ? method.mostRequests : 1)));
  const product =
    most > 1
      ? [
          "",
          `  Where a caller retries as well, the requests multiply: ${most} there and ${most} here are ${most * most}.`,
        ]
      : [];
  return [paint("dim", head), ...lines, ...product];
}

function promise(method: SoundMethodPage): readonly string[] {
  return [
    method.deadlineMs === undefined ? "none" : `${method.deadlineMs} ms`,
    sayLongestWait(method),
    String(method.mostRequests),
    method.circuitBreaker ?? "none",
  ];
}

function methodSection(method: MethodPage, file: string, style: PageStyle): readonly string[] {
  const { paint } = style;
  const { name, kind, idempotencyLevel, values, inherits } = method;
  const summary = method.errors === undefined ? method.summary : [sayNotKnown(method)];
  const level = idempotencyLevel === "IDEMPOTENCY_UNKNOWN" ? "not declared idempotent" : idempotencyLevel;
  const what = `${kind.replace("_", " ")}, ${level}${inherits ? ", as the service says" : ""}`;
  return [
    `${paint("bold", name)}  ${paint("dim", what)}`,
    ...summary.map((sentence) => `  ${sentence}`),
    ...valueLines(values, file, style),
  ];
}

/** Values that somebody set, each with its place, and the defaults together. */
function valueLines(values: readonly PageValue[], file: string, { paint, width }: PageStyle): readonly string[] {
  const set = values.filter(({ setBy }) => setBy !== "default");
  const rows = set.map((value) => [
    value.option,
    `${sayValue(value)}${value.wrong ? " (wrong)" : ""}`,
    saySetBy(value, file),
  ]);
  const defaults = values
    .filter(({ setBy }) => setBy === "default")
    .map((value) => `${value.option} ${sayValue(value)}`)
    .join(", ");
  const wrapped = defaults === "" ? [] : wrap(`  by default: ${defaults}`, width, "    ");
  return [...columns(rows), ...wrapped.map((line) => paint("dim", line))];
}

function leftOut({ notInServiceConfig }: ContractPage): readonly string[] {
  return columns(
    notInServiceConfig.map(({ option, methods, instead }) => [option, methods?.join(", ") ?? "all methods", instead]),
  );
}

function remarks(diagnostics: readonly Diagnostic[], paint: Paint): readonly string[] {
  return diagnostics.map((remark) => {
    const severity = paint(remark.severity === "error" ? "red" : "yellow", remark.severity);
    return `  ${severity}  ${formatDiagnostic(remark)}`;
  });
}
