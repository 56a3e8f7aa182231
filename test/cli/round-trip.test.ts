// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DescService, FileRegistry } from "@bufbuild/protobuf";
import { contractOf, indexMethodConfigs, parseServiceConfig, serviceConfigOf } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { compileProtos } from "../support/compile.ts";
import { root } from "../support/run-command.ts";
import { meaningOf, repair, repairs } from "./meaning-of.ts";
import { randomConfigs } from "./random-configs.ts";
import { createWorkspace } from "./run-cli.ts";
import { type ServiceList, synthesiseProtos } from "./synthesise-protos.ts";

/** Published configs, which are no part of the repository. */
const realFolder = join(root, "..", "shared", "data", "service-configs");

interface Original {
  /** Relative to its folder. */
  readonly path: string;
  readonly text: string;
  readonly services: ServiceList;
}

/** What became of the methods of some configs. */
interface Outcome {
  readonly configs: number;
  readonly methods: number;
  /** Methods whose emitted entry means exactly what the original's entry meant. */
  readonly equal: number;
  /** The others, by the errors that the report has for them; each means what the original means once these are mended. */
  readonly reported: Readonly<Record<string, number>>;
  /** Methods that differ in a way that the report does not explain. None may be here. */
  readonly unexplained: readonly string[];
  /** How often each code is in the report. */
  readonly findings: Readonly<Record<string, number>>;
}

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly methods: readonly string[];
}

function readOriginals(folder: string): readonly Original[] {
  return globSync("**/*.services.json", { cwd: folder })
    .sort()
    .map((list) => {
      const path = list.replace(/\.services\.json$/, ".json");
      const read = (name: string): string => readFileSync(join(folder, name), "utf8");
      return { path, text: read(path), services: JSON.parse(read(list)) };
    });
}

/** Several configs of one folder list the same services: such configs cannot be in one module. */
function batchesOf(originals: readonly Original[]): readonly (readonly Original[])[] {
  const batches: { taken: Set<string>; members: Original[] }[] = [];
  for (const original of originals) {
    const names = Object.keys(original.services);
    let batch = batches.find(({ taken }) => names.every((name) => !taken.has(name)));
    if (batch === undefined) {
      batch = { taken: new Set(), members: [] };
      batches.push(batch);
    }
    batch.members.push(original);
    for (const name of names) {
      batch.taken.add(name);
    }
  }
  return batches.map(({ members }) => members);
}

async function roundTrip(batch: readonly Original[]): Promise<Outcome> {
  const protos = Object.assign(
    {},
    ...batch.map(({ path, services }, index) => synthesiseProtos(services, path.replace(/\.json$/, ""), index)),
  ) as Record<string, string>;
  using workspace = createWorkspace(protos);
  for (const { path, text } of batch) {
    workspace.write(path, text);
  }
  const command = ["import", "--proto", ".", "--format", "json", ...batch.map(({ path }) => path)];
  const first = await workspace.talaria(...command);
  expect(first.stderr).toBe("");
  const { findings }: { findings: readonly Finding[] } = JSON.parse(first.stdout);
  const annotated = Object.fromEntries(Object.keys(protos).map((path) => [path, workspace.read(path)]));

  const again = await workspace.talaria(...command);
  expect(JSON.parse(again.stdout)).toMatchObject({ files: [] });
  expect(Object.keys(protos).filter((path) => workspace.read(path) !== annotated[path])).toEqual([]);
  const damaged = Object.entries(annotated).filter(
    ([path, text]) => withoutAnnotations(text) !== withoutAnnotations(protos[path] ?? ""),
  );
  expect(damaged.map(([path]) => path)).toEqual([]);
  return compare(batch, annotated, findings);
}

/** Every piece of a text that is not an annotation of ours, in its order. */
function withoutAnnotations(text: string): string {
  return text
    .replace(/^\s*option \(service_client\.\w+\)[^;]*;/gm, "")
    .replace(/import "service_client_config\.proto";/, "")
    .replace(/\) \{\s*\}/g, ");")
    .replace(/\) \{(\s*\/\/[^\n]*)\s*\}/g, ");$1")
    .replace(/\s+/g, " ")
    .replace(/ (?=[;}])/g, "");
}

function compare(batch: readonly Original[], annotated: Record<string, string>, findings: readonly Finding[]): Outcome {
  const registry = compileProtos(annotated);
  const reasonsFor = (id: string): readonly string[] =>
    [...new Set(findings.filter(({ methods }) => methods.includes(id)).map(({ code }) => code))].sort();
  const reported = new Map<string, number>();
  const unexplained: string[] = [];
  let methods = 0;
  let equal = 0;
  for (const { text, services } of batch) {
    const find = indexMethodConfigs(parseServiceConfig(JSON.parse(text)));
    for (const service of Object.keys(services).map((name) => serviceOf(registry, name))) {
      const emitted = indexMethodConfigs(parseServiceConfig(serviceConfigOf(contractOf(service))));
      for (const { name } of service.methods) {
        const [original, got] = [find(service.typeName, name), meaningOf(emitted(service.typeName, name))];
        methods += 1;
        if (meaningOf(original) === got) {
          equal += 1;
          continue;
        }
        const reasons = reasonsFor(`${service.typeName}/${name}`).filter((code) => repairs.has(code));
        if (meaningOf(reasons.reduce(repair, original)) === got) {
          const key = reasons.join(" + ");
          reported.set(key, (reported.get(key) ?? 0) + 1);
        } else {
          unexplained.push(`${service.typeName}/${name} (${reasons.join()}): want ${meaningOf(original)}, got ${got}`);
        }
      }
    }
  }
  const counts = Map.groupBy(findings, ({ code }) => code);
  return {
    configs: batch.length,
    methods,
    equal,
    reported: Object.fromEntries(reported),
    unexplained,
    findings: Object.fromEntries([...counts].map(([code, list]) => [code, list.length])),
  };
}

function serviceOf(registry: FileRegistry, name: string): DescService {
  const service = registry.getService(name);
  if (service === undefined) {
    throw new Error(`${name} is gone`);
  }
  return service;
}

function add(outcomes: readonly Outcome[]): Outcome {
  const sum = (key: "configs" | "methods" | "equal"): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const merge = (key: "reported" | "findings"): Record<string, number> => {
    const merged: Record<string, number> = {};
    for (const [name, count] of outcomes.flatMap((outcome) => Object.entries(outcome[key]))) {
      merged[name] = (merged[name] ?? 0) + count;
    }
    return merged;
  };
  return {
    configs: sum("configs"),
    methods: sum("methods"),
    equal: sum("equal"),
    reported: merge("reported"),
    unexplained: outcomes.flatMap(({ unexplained }) => unexplained),
    findings: merge("findings"),
  };
}

async function roundTripAll(folder: string): Promise<Outcome> {
  // Side by side: they are mostly spent waiting for the compiler.
  return add(await Promise.all(batchesOf(readOriginals(folder)).map(roundTrip)));
}

describe("import, annotate, compile, emit", () => {
  test("our own configs mean the same, or are reported for what docs/cli.md says", async () => {
    expect(await roundTripAll(join(import.meta.dirname, "data"))).toEqual({
      configs: 4,
      methods: 28,
      equal: 17,
      reported: {
        "max-attempts-missing": 1,
        "no-retryable-codes": 1,
        "max-attempts-clamped": 1,
        "retry-unreachable": 1,
        "backoff-order + status-code-ok": 1,
        "hedging-not-idempotent": 1,
        "time-not-whole": 1,
        "time-too-long": 1,
        "timeout-zero": 1,
        "message-size": 1,
        "wait-for-ready-without-timeout": 1,
      },
      unexplained: [],
      findings: {
        "backoff-order": 1,
        "duplicate-name": 1,
        "hedging-not-idempotent": 1,
        "load-balancing-absent": 2,
        "max-attempts-clamped": 1,
        "max-attempts-missing": 1,
        "message-size": 1,
        "no-retryable-codes": 1,
        "retry-code-never": 1,
        "retry-deadline-exceeded": 1,
        "retry-unreachable": 1,
        "status-code-not-portable": 1,
        "status-code-ok": 1,
        "time-not-whole": 1,
        "time-too-long": 1,
        "timeout-fraction": 4,
        "timeout-long": 2,
        "timeout-on-stream": 2,
        "timeout-zero": 1,
        "unknown-field": 1,
        "unknown-method": 1,
        "unknown-service": 1,
        "wait-for-ready-without-timeout": 1,
      },
    });
  });

  test("sound configs of every shape mean the same", async () => {
    const originals = randomConfigs(150).map(({ config, services }, index) => ({
      path: `random-${index}.json`,
      text: JSON.stringify(config),
      services,
    }));
    const { methods, equal, reported, unexplained } = await roundTrip(originals);
    expect({ equal, reported, unexplained }).toEqual({ equal: methods, reported: {}, unexplained: [] });
    expect(methods).toBeGreaterThan(1000);
  });

  test.skipIf(!existsSync(realFolder))(
    "published configs mean the same, or the report says why not (skipped where they are not beside the repository)",
    { timeout: 300_000 },
    async () => {
      const { unexplained, ...outcome } = await roundTripAll(realFolder);
      console.log(
        `${outcome.equal} of ${outcome.methods} methods equal, others reported: ${JSON.stringify(outcome.reported)}`,
      );
      expect(unexplained).toEqual([]);
      const reported = Object.values(outcome.reported).reduce((sum, count) => sum + count, 0);
      expect(outcome.equal + reported).toBe(outcome.methods);
      expect(outcome.configs).toBeGreaterThan(100);
    },
  );
});
