// SPDX-License-Identifier: Apache-2.0
import {
  type ContractPage,
  formatDiagnostic,
  type MethodPage,
  type PageValue,
  sayLongestWait,
} from "@talaria/contract";
import { columns } from "../terminal/columns.ts";
import { oneLine } from "../terminal/one-line.ts";
import type { Paint } from "../terminal/paint.ts";
import { sayValue } from "../terminal/say-value.ts";

/** Writes a contract page for a terminal, ending in a newline. */
export function formatTerminalPage(page: ContractPage, paint: Paint): string {
  const sections = [
    [`${paint("bold", page.service)}  ${paint("dim", page.file)}`],
    overview(page, paint),
    ...page.methods.map((method) => methodSection(method, page.file, paint)),
    section("The connection", valueLines(page.values, page.file, paint), paint),
    section("Not in the service config: a client in another language differs in this", leftOut(page), paint),
    section("Remarks", remarks(page, paint), paint),
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
    method.deadlineMs === undefined ? "none" : `${method.deadlineMs} ms`,
    sayLongestWait(method),
    String(method.mostRequests),
    method.circuitBreaker ?? "none",
  ]);
  const [head = "", ...lines] = columns([
    ["Method", "Deadline", "Longest wait", "Requests", "Circuit breaker"],
    ...rows,
  ]);
  const most = Math.max(...methods.map(({ mostRequests }) => mostRequests));
  const product =
    most > 1
      ? [
          "",
          `  Where a caller retries as well, the requests multiply: ${most} there and ${most} here are ${most * most}.`,
        ]
      : [];
  return [paint("dim", head), ...lines, ...product];
}

function methodSection(method: MethodPage, file: string, paint: Paint): readonly string[] {
  const { name, kind, idempotencyLevel, summary, values, inherits } = method;
  const level = idempotencyLevel === "IDEMPOTENCY_UNKNOWN" ? "not declared idempotent" : idempotencyLevel;
  const what = `${kind.replace("_", " ")}, ${level}${inherits ? ", as the service says" : ""}`;
  return [
    `${paint("bold", name)}  ${paint("dim", what)}`,
    ...summary.map((sentence) => `  ${sentence}`),
    ...valueLines(values, file, paint),
  ];
}

/** Values that somebody set, each with its place, and the defaults in one line. */
function valueLines(values: readonly PageValue[], file: string, paint: Paint): readonly string[] {
  const set = values.filter(({ setBy }) => setBy !== "default");
  const rows = set.map((value) => [
    value.option,
    sayValue(value),
    value.line === undefined ? value.setBy : `${value.setBy}, ${file}:${value.line}`,
  ]);
  const defaults = values
    .filter(({ setBy }) => setBy === "default")
    .map((value) => `${value.option} ${sayValue(value)}`)
    .join(", ");
  return [...columns(rows), ...(defaults === "" ? [] : [paint("dim", `  by default: ${defaults}`)])];
}

function leftOut({ notInServiceConfig }: ContractPage): readonly string[] {
  return columns(
    notInServiceConfig.map(({ option, methods, instead }) => [option, methods?.join(", ") ?? "all methods", instead]),
  );
}

function remarks(page: ContractPage, paint: Paint): readonly string[] {
  return page.remarks.map((remark) => {
    const severity = paint(remark.severity === "error" ? "red" : "yellow", remark.severity);
    return `  ${severity}  ${formatDiagnostic(remark)}`;
  });
}
