// SPDX-License-Identifier: Apache-2.0
import { parseArgs, styleText } from "node:util";
import { type Step, type StepResult, steps } from "./check-steps.ts";

const marks = { passed: "ok", skipped: "--", failed: "!!" } as const;
const colours = { passed: "green", skipped: "yellow", failed: "red" } as const;
const nameWidth = Math.max(...steps.map(({ name }) => name.length));

process.exitCode = await main(process.argv.slice(2));

/** Runs all steps, or those named, one after the other, and answers with the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(usage());
    return 0;
  }
  const unknown = positionals.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`there is no step ${unknown.join(", ")}\n\n${usage()}`);
    return 2;
  }
  const failed: string[] = [];
  for (const step of steps.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const startedMs = performance.now();
    const result = await runStep(step);
    report(step, result, performance.now() - startedMs);
    if (result.kind === "failed") {
      failed.push(step.name);
    }
  }
  console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

async function runStep(step: Step): Promise<StepResult> {
  try {
    return await step.run();
  } catch (error) {
    return { kind: "failed", output: error instanceof Error ? error.message : String(error) };
  }
}

function report({ name, purpose }: Step, result: StepResult, elapsedMs: number): void {
  const mark = styleText(colours[result.kind], marks[result.kind], { stream: process.stdout });
  const note = result.kind === "skipped" ? `skipped: ${result.reason}` : purpose;
  console.log(`${mark} ${name.padEnd(nameWidth)} ${(elapsedMs / 1000).toFixed(1).padStart(5)} s  ${note}`);
  if (result.kind === "failed") {
    console.log(result.output.trimEnd().replaceAll(/^(?=.)/gm, "   | "));
  }
}

function usage(): string {
  const list = steps.map(({ name, purpose }) => `  ${name.padEnd(nameWidth)}  ${purpose}`);
  return [
    "usage: npm run check [-- step...]",
    "",
    "Steps, all of them unless some are named; checks that",
    ...list,
  ].join("\n");
}
