// SPDX-License-Identifier: Apache-2.0
import type { ConfigProblem, OptionValue, ParsedServiceConfig } from "@talaria/contract";
import type { Note } from "./import-finding.ts";
import type { Leaves } from "./leaves.ts";

/** What was done about each problem that a config has by itself. */
const done: Readonly<Record<string, string>> = {
  "backoff-missing": "The contract's default is written.",
  duration: "Left out; where a policy needs it, the contract's default is written.",
  "duration-not-portable": "Imported as it is meant.",
  "duplicate-name": "The first entry is imported.",
  "health-check-name-missing": "Left out. Set health_check to watch the service's own health.",
  "hedging-delay-missing": "See hedging-without-delay.",
  "max-attempts": "The policy is left out: no retry.",
  "max-attempts-clamped": "Written as max_attempts: 5, which is what clients do.",
  "max-tokens": "Retry throttling is left out.",
  "name-missing": "Nothing to import.",
  "name-without-service": "The name is passed over.",
  "no-retryable-codes": "The policy is left out: no retry.",
  "not-positive": "The contract's default is written for a backoffMultiplier; retry throttling is left out.",
  "older-load-balancing": "Imported as load_balancing.policy.",
  "retry-and-hedging": "Retry is imported, hedging is left out.",
  "status-code": "The code is left out.",
  "status-code-not-portable": "Imported as it is meant.",
  "status-code-ok": "The code is left out.",
  "success-rate-ejection": "Left out.",
  "timeout-fraction": "Imported as it is meant. The emitted config has nine digits.",
  "timeout-zero": "Left out: no deadline. Write the time that a caller can wait.",
  "token-ratio": "Retry throttling is left out.",
  "token-ratio-precision": "Imported with three decimals, which is what clients do.",
  "unknown-field": "Passed over, as clients do.",
  "unknown-load-balancing-policy": "The next policy of the list is imported, if there is one.",
  "wrong-type": "Left out.",
};

/** Problems that clients live with, and that keep the `.proto` from saying the same. */
const leftOutCodes: ReadonlySet<string> = new Set([
  "health-check-name-missing",
  "partial-enforcement",
  "success-rate-ejection",
  "timeout-zero",
]);

/**
 * Turns a config's own problem into a note on what was done about it.
 *
 * @param problems all problems of the config
 */
export function noteOnProblem(
  { code, path, message, ...problem }: ConfigProblem,
  problems: readonly ConfigProblem[],
  attemptsWhenMissing: number,
): Note {
  const severity = leftOutCodes.has(code) ? "error" : problem.severity;
  const leftOut = problems.some((other) => other.code === "no-retryable-codes" && other.path === path);
  if (code === "max-attempts-missing" && !leftOut) {
    const choice = path.endsWith("hedgingPolicy")
      ? "The policy is left out: no hedging."
      : `Written as max_attempts: ${attemptsWhenMissing}. Clients that pass over the field, such as Google's own, retry until the deadline.`;
    return { code, severity, path, message, done: choice };
  }
  return {
    code,
    severity,
    path,
    message,
    done: leftOut ? "The policy is left out: no retry." : (done[code] ?? "Left out."),
  };
}

/** What a config says for all methods alike. */
export interface SharedTarget {
  readonly leaves: Leaves;
  readonly notes: readonly Note[];
}

/** Turns what a config says for all methods alike into option values of their services. */
export function sharedTargetOf(config: ParsedServiceConfig): SharedTarget {
  const notes: Note[] = [];
  const { maxTokens, tokenRatio } = config.retryThrottling ?? {};
  const serviceName = config.healthCheckConfig?.serviceName ?? "";
  const leaves = new Map<string, OptionValue>([
    ...(maxTokens === undefined || tokenRatio === undefined
      ? []
      : ([
          ["retry_throttling.max_tokens", maxTokens],
          ["retry_throttling.token_ratio", tokenRatio],
        ] as const)),
    ...loadBalancingLeaves(config, notes),
    ...(serviceName === "" ? [] : ([["health_check.service_name", serviceName]] as const)),
  ]);
  return { leaves, notes };
}

function loadBalancingLeaves({ loadBalancing }: ParsedServiceConfig, notes: Note[]): [string, OptionValue][] {
  if (loadBalancing === undefined) {
    notes.push({
      code: "load-balancing-absent",
      severity: "warning",
      path: "",
      message:
        "The config names no load balancing policy, so clients use pick_first: all calls of a client go to one address.",
      done: "Nothing is written, and the contract's default, ROUND_ROBIN, holds. To keep pick_first, set load_balancing {policy: PICK_FIRST}.",
    });
    return [];
  }
  const chosen = loadBalancing.find(({ policy }) => policy !== undefined);
  const [first] = loadBalancing;
  if (chosen === undefined || chosen !== first) {
    notes.push({
      code: "load-balancing-policy",
      severity: "error",
      path: first?.path ?? "loadBalancingConfig",
      message: `A contract has no words for the policy ${first?.name}, which clients that know it would take.`,
      done:
        chosen === undefined ? "Left out: the contract's default, ROUND_ROBIN, holds." : `${chosen.name} is imported.`,
    });
  }
  const ejects = chosen?.outlierDetection !== undefined && chosen.policy !== "PICK_FIRST";
  if (chosen?.outlierDetection !== undefined && !ejects) {
    notes.push({
      code: "outlier-detection-pick-first",
      severity: "error",
      path: chosen.path,
      message:
        "Outlier detection stands over pick_first, which has one address, so that nothing is left to eject it for.",
      done: "Outlier detection is left out.",
    });
  }
  return chosen === undefined
    ? []
    : [
        ...(chosen.policy === undefined ? [] : [["load_balancing.policy", chosen.policy] as [string, OptionValue]]),
        ...Object.entries(ejects ? (chosen.outlierDetection ?? {}) : {}).map(([key, value]): [string, OptionValue] => [
          `load_balancing.outlier_detection.${optionName(key)}`,
          value,
        ]),
      ];
}

/** `intervalMs` is `interval_millis`. */
function optionName(key: string): string {
  return key.replace(/Ms$/, "Millis").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
