// SPDX-License-Identifier: Apache-2.0
// Gives the emitted service config to the gRPC libraries of other languages, and looks at real servers whether they obey.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { interopServiceConfig } from "./contract.ts";
import { type Check, type ClientReport, type ExpectedFailure, formatChecks, judge } from "./judge.ts";
import { type Language, languages } from "./languages.ts";
import { checkProtoc } from "./protoc.ts";
import { run } from "./run.ts";
import { startInteropServers } from "./server.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    require: { type: "string", default: "node" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run interop -- [options]
  --only LIST     only these languages, of ${languages.map(({ name }) => name).join(", ")}
  --require LIST  fail when one of these did not run [node]
  --json          print the checks as JSON

A language runs when its toolchain is on this machine and its packages can be had; otherwise it is skipped, and why.`);
  process.exit(0);
}

const cacheFolder = fileURLToPath(new URL("../../node_modules/.cache/interop", import.meta.url));
const expectedFailures = JSON.parse(
  readFileSync(new URL("expected-failures.json", import.meta.url), "utf8"),
) as ExpectedFailure[];

await using servers = await startInteropServers();
mkdirSync(cacheFolder, { recursive: true });
const configFile = join(cacheFolder, "service-config.json");
writeFileSync(configFile, interopServiceConfig());

const checks: Check[] = [];
const skipped: Record<string, string> = {};
const chosen = languages.filter(({ name }) => options.only === undefined || options.only.split(",").includes(name));
for (const language of chosen) {
  const outcome = await tryLanguage(language);
  if (typeof outcome === "string") {
    skipped[language.name] = outcome;
  } else {
    checks.push(...outcome);
  }
}
if (chosen.some(({ name }) => name === "python") && !("python" in skipped)) {
  checks.push(await checkProtoc(cacheFolder));
}
report();

async function tryLanguage({ name, prepare }: Language): Promise<Check[] | string> {
  let command: readonly string[];
  try {
    process.stderr.write(`${name}: getting ready\n`);
    command = await prepare(cacheFolder);
  } catch (error) {
    return (error as Error).message;
  }
  try {
    const output = await run([...command, configFile, ...servers.ports.map(String)], { timeoutMs: 60_000 });
    return judge(name, JSON.parse(output) as ClientReport, servers.seen(name), expectedFailures);
  } catch (error) {
    const seen = (error as Error).message;
    return [{ language: name, check: "makes its calls", expected: "a report", seen, verdict: "failed" }];
  }
}

function report(): void {
  const ran = chosen.map(({ name }) => name).filter((name) => !(name in skipped));
  const missing = options.require.split(",").filter((name) => !ran.includes(name));
  if (options.json) {
    console.log(JSON.stringify({ checks, ran, skipped }, undefined, 2));
  } else {
    console.log(formatChecks(checks));
    for (const { language, check, why } of expectedFailures.filter((failure) => ran.includes(failure.language))) {
      console.log(`known: ${language}: ${check}: ${why}`);
    }
    for (const [name, why] of Object.entries(skipped)) {
      console.log(`skipped: ${name}: ${why}`);
    }
    console.log(`ran: ${ran.join(", ") || "none"}`);
  }
  const wrong = checks.filter(({ verdict }) => verdict === "failed" || verdict === "repaired");
  for (const { language, check } of wrong.filter(({ verdict }) => verdict === "repaired")) {
    console.log(`repaired: ${language}: ${check} passes now; take it out of expected-failures.json`);
  }
  if (missing.length > 0) {
    console.log(`did not run, and was required: ${missing.join(", ")}`);
  }
  process.exitCode = wrong.length > 0 || missing.length > 0 ? 1 : 0;
}
