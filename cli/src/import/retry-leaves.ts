// SPDX-License-Identifier: Apache-2.0
import { limitOf, type OptionValue, type ParsedMethodConfig, type ParsedRetryPolicy } from "@talaria/contract";
import type { Note } from "./import-finding.ts";
import { defaultOf, type Leaves, option } from "./leaves.ts";
import type { TargetOptions } from "./target-options.ts";
import { wholeMillis } from "./whole-millis.ts";

/** What a retry policy comes to; empty when nothing is retried. */
export function retryLeaves(
  { path, retryPolicy }: ParsedMethodConfig,
  timeoutMs: number | undefined,
  options: TargetOptions,
  notes: Note[],
): Leaves {
  const at = `${path}.retryPolicy`;
  const attempts = retryPolicy === undefined ? undefined : attemptsOf(retryPolicy, at, options);
  const codes = retryPolicy?.retryableStatusCodes?.filter((code) => code !== "OK") ?? [];
  // What is missing or wrong is among the config's own problems.
  if (retryPolicy === undefined || attempts === undefined || codes.length === 0) {
    return new Map();
  }
  const { initialMs, maxMs } = backoffsOf(retryPolicy, at, notes);
  const jitter = Number(defaultOf("retry.backoff_jitter"));
  const leastMs = (1 - jitter) * initialMs;
  if (timeoutMs !== undefined && leastMs >= timeoutMs) {
    notes.push({
      code: "retry-unreachable",
      severity: "error",
      path: at,
      message: `The first retry waits at least ${leastMs} ms, and the call ends after ${timeoutMs} ms: none is ever made.`,
      done: "Left out, which changes nothing. Lower initialBackoff to retry.",
    });
    return new Map();
  }
  notes.push(...doubtfulCodes(codes, at));
  return new Map<string, OptionValue>([
    [option.maxAttempts, attempts],
    [option.initialBackoff, initialMs],
    [option.maxBackoff, maxMs],
    [option.backoffMultiplier, retryPolicy.backoffMultiplier ?? Number(defaultOf(option.backoffMultiplier))],
    [option.retryableStatusCodes, codes],
  ]);
}

function attemptsOf(policy: ParsedRetryPolicy, at: string, options: TargetOptions): number | undefined {
  const most = limitOf(option.maxAttempts)?.max ?? Number.POSITIVE_INFINITY;
  if (policy.maxAttempts !== undefined) {
    return Math.min(policy.maxAttempts, most);
  }
  return options.hasProblem("max-attempts-missing", at) ? options.attemptsWhenMissing : undefined;
}

function backoffsOf(policy: ParsedRetryPolicy, at: string, notes: Note[]): { initialMs: number; maxMs: number } {
  const read = (name: "initialBackoff" | "maxBackoff"): number => {
    const duration = policy[name];
    return duration === undefined ? Number(defaultOf(option[name])) : wholeMillis(duration, `${at}.${name}`, notes);
  };
  const [initialMs, maxMs] = [read("initialBackoff"), read("maxBackoff")];
  if (initialMs > maxMs) {
    notes.push({
      code: "backoff-order",
      severity: "warning",
      path: at,
      message: `initialBackoff (${initialMs} ms) is above maxBackoff (${maxMs} ms), which caps it (gRFC A6), though not in grpc-js.`,
      done: `Written as initial_backoff_millis: ${maxMs}.`,
    });
  }
  return { initialMs: Math.min(initialMs, maxMs), maxMs };
}

/** Codes after which another attempt cannot succeed (AIP-194). */
const neverRepaired: ReadonlySet<string> = new Set([
  "CANCELLED",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "DATA_LOSS",
]);

function doubtfulCodes(codes: readonly string[], at: string): readonly Note[] {
  const common = { severity: "warning" as const, path: `${at}.retryableStatusCodes` };
  const never = codes.filter((code) => neverRepaired.has(code));
  const unsafe = codes.includes("DEADLINE_EXCEEDED")
    ? [
        {
          ...common,
          code: "retry-deadline-exceeded",
          message:
            "DEADLINE_EXCEEDED is retried. The call's own deadline never is, and one that a server reports means that it is " +
            "slow, which a second attempt makes worse (AIP-194).",
          done: "Imported as it is. Remove the code, or set retry.per_attempt_timeout_millis; lint asks for one of them.",
        },
      ]
    : [];
  const useless =
    never.length === 0
      ? []
      : [
          {
            ...common,
            code: "retry-code-never",
            message: `${never.join(", ")} ${never.length === 1 ? "is" : "are"} retried, and no second attempt can repair that (AIP-194).`,
            done: "Imported as it is. Remove it; lint will ask for that.",
          },
        ];
  return [...unsafe, ...useless];
}
