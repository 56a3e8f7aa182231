// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { inspectService, type ServiceInspection } from "@talaria/contract";
import type { OptionReader } from "../bufplugin/option.ts";
import { lintRule, type Report, type Rule, type RuleInit } from "../bufplugin/rule.ts";

/** A rule that looks at one service after the other. */
export interface ServiceRuleInit extends Omit<RuleInit, "check" | "categories" | "isDefault"> {
  /** An error is on by default; advice is for teams that ask for it. */
  readonly severity: "error" | "advice";
  /** Looks for findings in the contract of a service. */
  check(inspection: ServiceInspection, report: Report, options: OptionReader): void;
}

/** The categories that `buf.yaml` can name, by severity. */
export const categoryIds = { error: "RELIABILITY", advice: "RELIABILITY_STRICT" } as const;

/** A lint rule on the contracts of services. The contract is read once for all such rules. */
export function serviceRule({ severity, check, ...init }: ServiceRuleInit): Rule {
  return lintRule({
    ...init,
    categories: [categoryIds[severity]],
    isDefault: severity === "error",
    check({ current, options }, report) {
      // buf's text format does not print the rule, and whoever wants to ignore it must know it.
      const reportWithId: Report = (finding) => report({ ...finding, message: `${finding.message} (${init.id})` });
      for (const service of current.services) {
        check(inspect(service), reportWithId, options);
      }
    },
  });
}

const inspections = new WeakMap<DescService, ServiceInspection>();

/** Reads, resolves and checks the contract of a service, once. */
export function inspect(service: DescService): ServiceInspection {
  let inspection = inspections.get(service);
  if (inspection === undefined) {
    // buf turns source paths into lines itself, and source information is expensive to decode.
    inspection = inspectService(service, { locate: () => undefined });
    inspections.set(service, inspection);
  }
  return inspection;
}
