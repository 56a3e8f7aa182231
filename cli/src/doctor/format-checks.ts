// SPDX-License-Identifier: Apache-2.0
import { plainLine } from "../terminal/one-line.ts";
import type { Paint, Style } from "../terminal/paint.ts";
import type { Check, Verdict } from "./check.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { sayMs } from "./say-duration.ts";

const signs: Readonly<Record<Verdict, { readonly sign: string; readonly style: Style }>> = {
  ok: { sign: "✓", style: "green" },
  warning: { sign: "!", style: "yellow" },
  problem: { sign: "✗", style: "red" },
  skipped: { sign: "-", style: "dim" },
};

const stepWidth = 9;
const elapsedWidth = 9;
const indent = " ".repeat(2 + stepWidth + 2 + elapsedWidth + 2);

/** What is looked at. */
export function formatStart({ target, service, expected }: DoctorPlan, paint: Paint): string {
  const file = expected === undefined ? "" : paint("dim", `  ${expected.service.file.name}.proto`);
  return `${paint("bold", plainLine(target))}${service === undefined ? "" : `  ${service}`}${file}\n`;
}

/** One check, under the address that it is about. */
export function formatCheck(check: Check, before: Check | undefined, paint: Paint): string {
  const { step, address, verdict, elapsedMs, message, details } = check;
  const { sign, style } = signs[verdict];
  const elapsed = (elapsedMs === undefined ? "" : sayMs(elapsedMs)).padStart(elapsedWidth);
  const heading = address === before?.address ? [] : ["", ...(address === undefined ? [] : [paint("bold", address)])];
  const said = plainLine(message);
  const lines = [
    ...heading,
    `${paint(style, sign)} ${step.padEnd(stepWidth)}  ${paint("dim", elapsed)}  ${verdict === "ok" ? said : paint(style, said)}`,
    ...details.map((line) => `${indent}${paint("dim", plainLine(line))}`),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** How it came out, in one line. */
export function formatEnd(checks: readonly Check[], elapsedMs: number, paint: Paint): string {
  const count = (wanted: Verdict): number => checks.filter(({ verdict }) => verdict === wanted).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const parts = [
    ...(problems === 0 ? [] : [paint("red", problems === 1 ? "1 problem" : `${problems} problems`)]),
    ...(warnings === 0 ? [] : [paint("yellow", warnings === 1 ? "1 warning" : `${warnings} warnings`)]),
  ];
  const compared = checks.every(({ step, verdict }) => step !== "contract" || verdict !== "skipped");
  const right = compared ? "nothing is wrong" : "nothing is wrong, but the contract was not compared";
  const text = parts.length === 0 ? paint("green", right) : parts.join(", ");
  return `\n${text}, in ${sayMs(elapsedMs)}\n`;
}
