// SPDX-License-Identifier: Apache-2.0
import { scenarios } from "./scenarios.ts";
import { exactly, type Finding, formatFindings, type Scenario } from "./support/scenario.ts";

/** `run.ts [--short] [name...]`: plays scenarios, all of them if none is named, and prints what was expected and seen. */
async function main(args: readonly string[]): Promise<number> {
  const known = scenarios.map(({ name, shows }) => `  ${name}  ${shows}`).join("\n");
  if (args.includes("--help") || args.includes("-h")) {
    console.log(
      `usage: npm run scenarios -- [--short] [NAME...]\n\nPlays scenarios, all of them when none is named:\n${known}`,
    );
    return 0;
  }
  const names = args.filter((arg) => arg !== "--short");
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    console.error(`no scenario is called ${unknown.join(" or ")}. There are:\n${known}`);
    return 2;
  }
  let failed = 0;
  for (const scenario of scenarios.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const findings = await play(scenario, args.includes("--short") ? "short" : "full");
    console.log(formatFindings(scenario, findings));
    failed += findings.filter(({ passed }) => !passed).length;
  }
  return failed === 0 ? 0 : 1;
}

async function play(scenario: Scenario, length: "short" | "full"): Promise<readonly Finding[]> {
  try {
    return await scenario.run(length);
  } catch (error) {
    return [exactly("it is played to its end", "yes", error instanceof Error ? error.message : error)];
  }
}

process.exitCode = await main(process.argv.slice(2));
