// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { type Excerpt, readExcerpt } from "./excerpt.ts";
import type { Scene } from "./scene.ts";
import { breaker } from "./scenes/breaker.ts";
import { deadline } from "./scenes/deadline.ts";
import { hedge } from "./scenes/hedge.ts";
import { identity } from "./scenes/identity.ts";
import { leave } from "./scenes/leave.ts";
import { lint } from "./scenes/lint.ts";
import { lostOrder } from "./scenes/lost-order.ts";
import { override } from "./scenes/override.ts";
import { restart } from "./scenes/restart.ts";
import { retry } from "./scenes/retry.ts";
import { spread } from "./scenes/spread.ts";
import { streams } from "./scenes/streams.ts";
import { createScreen, type Screen } from "./screen.ts";
import { exitCodeOf, type Row, tableLines } from "./table.ts";

const scenes: readonly Scene[] = [
  lint,
  spread,
  deadline,
  identity,
  retry,
  hedge,
  lostOrder,
  breaker,
  override,
  restart,
  leave,
  streams,
];

const help = `Usage: npm run demo [-- [options] [scene ...]]

Plays what contracts do for a small food-delivery shop: real server processes on
loopback, the generated clients, nothing mocked. Ends with a table of what was
expected and what was seen; the exit code is 1 when they differ.

Options:
  --json   print the table as JSON to stdout, and the rest to stderr
  --help   print this

Scenes, all by default:
${scenes.map(({ name, title }) => `  ${name.padEnd(12)}${title}`).join("\n")}
`;

/** Plays scenes one after the other. One that breaks off fails, and the next is played. */
async function playAll(chosen: readonly Scene[], screen: Screen): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, { name, title, contract, play }] of chosen.entries()) {
    screen.print("", screen.tint("heading", `${index + 1}. ${title}`));
    try {
      if (contract !== undefined) {
        printExcerpt(contract, screen);
      }
      const checks = await play(screen);
      rows.push(...checks.map((check) => ({ scene: name, ...check })));
    } catch (error) {
      const seen = error instanceof Error ? error.message : String(error);
      screen.print(screen.tint("bad", `  ${seen}`));
      rows.push({ scene: name, what: "plays to its end", expected: "yes", seen, passed: false });
    }
  }
  return rows;
}

function printExcerpt(contract: Excerpt, screen: Screen): void {
  const { place, lines } = readExcerpt(contract);
  screen.print(...[place, ...lines].map((line) => screen.tint("quiet", `  | ${line}`)));
}

function printTable(rows: readonly Row[], screen: Screen): void {
  const [heading = "", ...lines] = tableLines(rows);
  screen.print("", screen.tint("heading", heading));
  for (const [index, line] of lines.entries()) {
    screen.print(screen.tint(rows[index]?.passed ? "good" : "bad", line.slice(0, 1)) + line.slice(1));
  }
  const passed = rows.filter((row) => row.passed).length;
  const seconds = Math.round(performance.now() / 1000);
  screen.print("", `${passed} of ${rows.length} as expected, in ${seconds} s`);
}

function readArguments(): { readonly chosen: readonly Scene[]; readonly json: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const unknown = positionals.find((name) => !scenes.some((scene) => scene.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no scene "${unknown}".`);
  }
  const chosen = scenes.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { chosen, json: values.json };
}

function readArgumentsOrExit(): ReturnType<typeof readArguments> {
  try {
    return readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

// Exiting ends the servers and removes what was written: see cleanup.ts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

const limitSeconds = 300;
setTimeout(() => {
  process.stderr.write(`The demo hangs: it is not done after ${limitSeconds} s.\n`);
  process.exit(1);
}, limitSeconds * 1000).unref();

const { chosen, json } = readArgumentsOrExit();
const screen = createScreen(json ? process.stderr : process.stdout);
screen.print("Talaria: how clients behave is part of the contract. A food-delivery shop, on real servers:");
const rows = await playAll(chosen, screen);
printTable(rows, screen);
if (json) {
  process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}
process.exitCode = exitCodeOf(rows);
