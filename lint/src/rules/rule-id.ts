// SPDX-License-Identifier: Apache-2.0

/** How much a finding matters. */
export type Severity = "error" | "advice";

/** The categories that `buf.yaml` can name, by severity. */
export const categoryIds = { error: "RELIABILITY", advice: "RELIABILITY_STRICT" } as const;

/** The id of a rule, by the name of its file: `client-config-required` is `CLIENT_CONFIG_REQUIRED`. */
export function ruleId(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}
