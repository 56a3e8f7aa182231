// SPDX-License-Identifier: Apache-2.0
import { formatPrometheusRules, prometheusRules } from "@talaria/contract";
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { UserError } from "../user-error.ts";
import { contractsOf, observabilityOptions } from "./contracts-of.ts";

/** `talaria alerts`. */
export const alertsCommand: Command = {
  name: "alerts",
  summary: "Print Prometheus alert rules for the clients of services",
  usage: "[--service NAME] [THRESHOLDS] [PATH... | --image FILE] > alerts.yml",
  help: [
    "One group a service: calls that come near their deadline or miss it, too many retries, breakers that are open, and",
    "servers that get more than their share. They read what @talaria/runtime/opentelemetry measures. PATH is a buf module, a",
    'workspace, or a .proto file; it is "." when there is none.',
    "",
    "Exit codes: 0; 2 wrong usage, input that does not compile, or a contract that has an error.",
  ],
  options: [
    ...observabilityOptions,
    {
      name: "near-deadline",
      value: "SHARE",
      summary: "The share of the deadline that the 99th percentile may take; 0.8 when absent.",
    },
    {
      name: "retry-share",
      value: "SHARE",
      summary: "The share of attempts that may be retries or hedges; 0.2 when absent.",
    },
    {
      name: "imbalance",
      value: "FACTOR",
      summary: "How many times the average a server may get; 1.5 when absent.",
    },
    { name: "format", value: "FORMAT", choices: ["yaml", "json"], summary: "yaml (default) or json." },
  ],
  run: printAlerts,
};

async function printAlerts(args: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const { values, flags } = args;
  const nearDeadline = numberOf(values, "near-deadline", 1);
  const retryShare = numberOf(values, "retry-share", 1);
  const imbalance = numberOf(values, "imbalance", Number.MAX_VALUE);
  const contracts = await contractsOf("alerts", args, surroundings);
  const rules = prometheusRules(contracts, {
    unitSuffixes: flags.has("unit-suffixes"),
    ...(nearDeadline === undefined ? {} : { nearDeadline }),
    ...(retryShare === undefined ? {} : { retryShare }),
    ...(imbalance === undefined ? {} : { imbalance }),
  });
  surroundings.writeOutput(
    values.get("format") === "json" ? `${JSON.stringify(rules, null, 2)}\n` : formatPrometheusRules(rules),
  );
  return 0;
}

function numberOf(values: ReadonlyMap<string, string>, name: string, most: number): number | undefined {
  const text = values.get(name);
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || number <= 0 || number > most) {
    const range = most === 1 ? "above 0, up to 1" : "above 0";
    throw new UserError(
      `--${name} is "${text}", and has to be a number ${range}, e.g. --${name} ${most === 1 ? "0.5" : "2"}.`,
    );
  }
  return number;
}
