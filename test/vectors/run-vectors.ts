// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Fields, VectorError } from "./fields.ts";
import { Judge, type Mismatch } from "./judge.ts";
import type { RunVector } from "./kind.ts";
import { runBackoffBase } from "./kinds/backoff-base.ts";
import { runBreaker } from "./kinds/breaker.ts";
import { runClassify } from "./kinds/classify.ts";
import { runComposite } from "./kinds/composite.ts";
import { runDeadlineMerge } from "./kinds/deadline-merge.ts";
import { runHedging, runRetry } from "./kinds/retry.ts";
import { runServiceConfig } from "./kinds/service-config.ts";
import { runThrottleSequence } from "./kinds/throttle-sequence.ts";
import { runThrottleTokens } from "./kinds/throttle-tokens.ts";

const kinds: ReadonlyMap<string, RunVector> = new Map<string, RunVector>([
  ["backoff_base", runBackoffBase],
  ["breaker", runBreaker],
  ["classify", runClassify],
  ["composite", runComposite],
  ["deadline_merge", runDeadlineMerge],
  ["hedging", runHedging],
  ["retry", runRetry],
  ["service_config", runServiceConfig],
  ["throttle_sequence", runThrottleSequence],
  ["throttle_tokens", runThrottleTokens],
]);

/** One case of a vector file. */
export interface Vector {
  readonly file: string;
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly json: unknown;
}

/** How a vector came out. */
export type VectorResult =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly mismatches: readonly Mismatch[] }
  /** The vector itself, or its kind, is not understood. */
  | { readonly kind: "error"; readonly message: string };

/** Reads the vectors of a file. */
export function readVectors(file: string): readonly Vector[] {
  const document = new Fields(JSON.parse(readFileSync(file, "utf8")), file);
  const format = document.string("format");
  if (format !== "talaria-vectors/1") throw new VectorError(`${file}: the format ${format} is not talaria-vectors/1`);
  const defaultKind = document.string("kind");
  document.any("about");
  const vectors = document.list("vectors").map((json, index): Vector => {
    const fields = new Fields(json, `${file}: vectors[${index}]`);
    const kind = fields.optional("kind", fields.string) ?? defaultKind;
    return { file, kind, id: fields.string("id"), title: fields.optional("title", fields.string) ?? "", json };
  });
  document.end();
  return vectors;
}

/** Runs one vector. */
export async function runVector({ kind, id, json }: Vector): Promise<VectorResult> {
  const run = kinds.get(kind);
  if (run === undefined) return { kind: "error", message: `there is no runner for vectors of kind ${kind}` };
  const vector = new Fields(json, id);
  for (const name of ["id", "kind", "title", "source", "observed", "seen"]) vector.any(name);
  const judge = new Judge();
  try {
    await run(vector, judge);
    vector.end();
  } catch (error) {
    if (error instanceof VectorError) return { kind: "error", message: error.message };
    throw error;
  }
  if (judge.compared === 0) return { kind: "error", message: `${id} expects nothing` };
  return judge.mismatches.length === 0 ? { kind: "passed" } : { kind: "failed", mismatches: judge.mismatches };
}
