// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  indexMethodConfigs,
  inspectService,
  type ParsedMethodConfig,
  type ParsedServiceConfig,
  type ServiceInspection,
} from "@talaria/contract";
import type { ConfigFile } from "../read-config-file.ts";
import { didYouMean } from "../suggest.ts";
import { noteOnProblem, sharedTargetOf } from "./config-notes.ts";
import type { ImportFinding, Note } from "./import-finding.ts";
import { createFindings, nameOf } from "./import-findings.ts";
import type { Leaves } from "./leaves.ts";
import { planService, type ServicePlan } from "./plan-service.ts";
import { targetOf } from "./target-of.ts";

/** What has to be written, and everything there is to say about it. */
export interface ImportPlan {
  readonly services: readonly PlannedService[];
  readonly findings: readonly ImportFinding[];
  /** How many methods the configs speak of that exist. */
  readonly methods: number;
}

/** A service that a config speaks of. */
export interface PlannedService {
  readonly inspection: ServiceInspection;
  readonly plan: ServicePlan;
  /** What each method that the config speaks of comes to. */
  readonly targets: ReadonlyMap<DescMethod, Leaves>;
}

/** Says whether something has to be written into the text of a service. */
export function isWritten({ plan }: Pick<PlannedService, "plan">): boolean {
  return plan.service.size > 0 || plan.methods.size > 0;
}

/** Decides what each config means for the services that exist. */
export function planImport(
  configs: readonly ConfigFile[],
  services: readonly DescService[],
  attemptsWhenMissing: number,
): ImportPlan {
  const byName = new Map(services.map((service) => [service.typeName, service]));
  const claimed = claimServices(configs, services, byName);
  const results = configs.map((file) => planConfig(file, byName, claimed, attemptsWhenMissing));
  const planned = results.flatMap((result) => result.services);
  return {
    services: planned,
    findings: results.flatMap(({ findings }) => findings),
    methods: planned.reduce((sum, { targets }) => sum + targets.size, 0),
  };
}

/**
 * Decides which config speaks for which service: the first that names it. A default entry is for everything behind one
 * target, so a config that has one speaks for the others too, but not where there are other configs, for other targets.
 */
function claimServices(
  configs: readonly ConfigFile[],
  services: readonly DescService[],
  byName: ByName,
): ReadonlyMap<string, string> {
  const claimed = new Map<string, string>();
  for (const { path, config } of configs) {
    for (const service of namedServices(config)) {
      if (byName.has(service) && !claimed.has(service)) {
        claimed.set(service, path);
      }
    }
  }
  const forAll = configs.find(
    ({ config }) => hasDefault(config) && (configs.length === 1 || namedServices(config).length === 0),
  );
  if (forAll !== undefined) {
    for (const { typeName } of services) {
      claimed.set(typeName, claimed.get(typeName) ?? forAll.path);
    }
  }
  return claimed;
}

function namedServices({ methodConfig }: ParsedServiceConfig): readonly string[] {
  return methodConfig.flatMap(({ names }) => names.map(({ service }) => service)).filter((service) => service !== "");
}

function hasDefault({ methodConfig }: ParsedServiceConfig): boolean {
  return methodConfig.some(({ names }) => names.some(({ service }) => service === ""));
}

/** A default entry that may be for more than it was imported for. */
function defaultEntry(
  { path, config }: ConfigFile,
  byName: ByName,
  claimed: ReadonlyMap<string, string>,
): readonly Note[] {
  const unclaimed = [...byName.keys()].filter((name) => !claimed.has(name));
  const entry = config.methodConfig.flatMap(({ names }) => names).find(({ service }) => service === "");
  const reaches = [...claimed.values()].includes(path);
  return entry === undefined || unclaimed.length === 0 || !reaches
    ? []
    : [
        {
          code: "default-entry",
          severity: "warning",
          path: entry.path,
          message: `The default entry is for every service behind one target, and no config names ${unclaimed.join(", ")}.`,
          done: "Imported for the services that this config names. Import the config alone to write it to all.",
        },
      ];
}

type ByName = ReadonlyMap<string, DescService>;

function planConfig(
  file: ConfigFile,
  byName: ByName,
  claimed: ReadonlyMap<string, string>,
  attemptsWhenMissing: number,
): Pick<ImportPlan, "services" | "findings"> {
  const { config, path } = file;
  const collector = createFindings(file);
  const find = indexMethodConfigs(config);
  const shared = sharedTargetOf(config);
  const mine = [...byName.values()].filter(({ typeName }) => claimed.get(typeName) === path);
  const problems = new Set(config.problems.map(({ code, path: at }) => `${code} ${at}`));
  const options = { attemptsWhenMissing, hasProblem: (code: string, at: string) => problems.has(`${code} ${at}`) };

  const users = new Map<ParsedMethodConfig, string[]>();
  const services = mine.map((service): PlannedService => {
    const inspection = inspectService(service);
    const targets = new Map<DescMethod, Leaves>();
    for (const method of service.methods) {
      const entry = find(service.typeName, method.name);
      if (entry !== undefined) {
        const { leaves, notes } = targetOf(entry, method, options);
        const name = nameOf(method);
        users.set(entry, [...(users.get(entry) ?? []), name]);
        targets.set(method, leaves);
        collector.addAll(notes, [name]);
      }
    }
    const plan = planService(inspection, targets, shared.leaves);
    for (const conflict of plan.conflicts) {
      collector.addConflict(conflict, service);
    }
    return { inspection, plan, targets };
  });
  const usersOf = (at: string): readonly string[] => {
    const [entry, methods = []] = [...users].find(([{ path: own }]) => at === own || at.startsWith(`${own}.`)) ?? [];
    const name = entry?.names.find((candidate) => candidate.path === at);
    return name === undefined
      ? methods
      : methods.filter((method) => method.startsWith(`${name.service}/${name.method}`));
  };
  for (const problem of config.problems) {
    collector.addAll([noteOnProblem(problem, config.problems, attemptsWhenMissing)], usersOf(problem.path));
  }
  collector.addAll(shared.notes, []);
  collector.addAll([...driftOf(file, byName, claimed), ...defaultEntry(file, byName, claimed)], []);
  return { services, findings: collector.list() };
}

/** Names that do not exist, and services that another config has taken. */
function driftOf(
  { path: file, config }: ConfigFile,
  byName: ByName,
  claimed: ReadonlyMap<string, string>,
): readonly Note[] {
  return config.methodConfig
    .flatMap(({ names }) => names)
    .flatMap(({ path, service: name, method }): readonly Note[] => {
      const service = byName.get(name);
      const owner = claimed.get(name);
      const note = (code: string, message: string, done: string): Note[] => [
        { code, severity: "error", path, message, done },
      ];
      if (name === "") {
        return [];
      }
      if (service === undefined) {
        const hint = didYouMean(name, byName.keys());
        return note("unknown-service", `There is no service ${name} in the .proto files.${hint}`, "Nothing to import.");
      }
      if (owner !== undefined && owner !== file) {
        return note("service-in-another-config", `${name} is in ${owner} as well.`, "What that file says is imported.");
      }
      const methods = service.methods.map((candidate) => candidate.name);
      return method === "" || methods.includes(method)
        ? []
        : note(
            "unknown-method",
            `${name} has no method ${method}.${didYouMean(method, methods)}`,
            "Nothing to import.",
          );
    });
}
