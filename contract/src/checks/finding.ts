// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy, ServiceContract } from "../policy.ts";

/** What a check has found, before it is known where. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, why it matters, what to write instead. It names no method: the same finding may concern several. */
  readonly message: string;
  /**
   * The options whose values together are wrong, the one to change first in front. The finding stands where the most
   * specific of them is set.
   */
  readonly options: readonly string[];
}

/** What a check of one method sees. */
export interface PolicyScope {
  readonly policy: MethodPolicy;
  readonly contract: ServiceContract;
  /** The method's own annotation sets this option, or something in this group. */
  isSetOnMethod(option: string): boolean;
  /** The method's or the service's annotation sets it. */
  isSet(option: string): boolean;
}

/** What a check of the service sees. */
export interface ServiceScope {
  readonly contract: ServiceContract;
  /** The service's annotation sets this option, or something in this group. */
  isSet(option: string): boolean;
}

export function error(code: string, options: readonly string[], message: string): Finding {
  return { code, severity: "error", options, message };
}

export function warning(code: string, options: readonly string[], message: string): Finding {
  return { code, severity: "warning", options, message };
}
