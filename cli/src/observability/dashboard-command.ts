// SPDX-License-Identifier: Apache-2.0
import { grafanaDashboard } from "@talaria/contract";
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { contractsOf, observabilityOptions } from "./contracts-of.ts";

/** `talaria dashboard`. */
export const dashboardCommand: Command = {
  name: "dashboard",
  summary: "Print a Grafana dashboard of the clients of services",
  usage: "[--service NAME] [PATH... | --image FILE] > dashboard.json",
  help: [
    "One row a service: calls, latency against the deadline of each method, retries, breakers, and how servers share load.",
    "It reads what @talaria/runtime/opentelemetry measures. PATH is a buf module, a workspace, or a .proto file; it is",
    '"." when there is none.',
    "",
    "Exit codes: 0; 2 wrong usage, input that does not compile, or a contract that has an error.",
  ],
  options: [...observabilityOptions, { name: "format", value: "FORMAT", choices: ["json"], summary: "json." }],
  run: printDashboard,
};

async function printDashboard(args: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const contracts = await contractsOf("dashboard", args, surroundings);
  const dashboard = grafanaDashboard(contracts, { unitSuffixes: args.flags.has("unit-suffixes") });
  surroundings.writeOutput(`${JSON.stringify(dashboard, null, 2)}\n`);
  return 0;
}
