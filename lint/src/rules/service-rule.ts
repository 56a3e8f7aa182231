// SPDX-License-Identifier: Apache-2.0
import type { ServiceInspection } from "@talaria/contract";
import type { OptionReader } from "../bufplugin/option.ts";
import { type Finding, lintRule, type Report, type Rule, type RuleInit } from "../bufplugin/rule.ts";
import { exemptPackages, isExempt } from "./exempt-packages.ts";
import { inspect } from "./inspect.ts";
import { categoryIds, ruleId, type Severity } from "./rule-id.ts";

/** A rule that looks at one service after the other. */
export interface ServiceRuleInit extends Pick<RuleInit, "purpose" | "options"> {
  /** The name of the rule's file; its id is made from it. */
  readonly name: string;
  /** An error is on by default; advice is for teams that ask for it. */
  readonly severity: Severity;
  /** Finds what is wrong with the contract of a service. */
  check(inspection: ServiceInspection, options: OptionReader): readonly Finding[];
}

/** A lint rule on the contracts of services. */
export function serviceRule({ name, purpose, severity, options = [], check }: ServiceRuleInit): Rule {
  const id = ruleId(name);
  return lintRule({
    id,
    purpose,
    categories: [categoryIds[severity]],
    isDefault: severity === "error",
    options: [exemptPackages, ...options],
    check({ current, options: reader }, report) {
      for (const service of current.services) {
        if (!isExempt(service, reader)) {
          reportAll(id, check(inspect(service), reader), report);
        }
      }
    },
  });
}

/** Reports findings with the id of their rule, which buf's text format leaves out, and which `ignore` comments need. */
export function reportAll(id: string, findings: readonly Finding[], report: Report): void {
  for (const finding of findings) {
    report({ ...finding, message: `${finding.message} (${id})` });
  }
}
