// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodPolicy, ServiceInspection } from "@talaria/contract";
import type { OptionReader } from "../bufplugin/option.ts";
import { breakingRule, type Finding, type Rule, type RuleInit } from "../bufplugin/rule.ts";
import { exemptPackages, isExempt } from "../rules/exempt-packages.ts";
import { inspect, isAnnotated } from "../rules/inspect.ts";
import { gatherFindings, type MethodFinding } from "../rules/method-rule.ts";
import { categoryIds, ruleId } from "../rules/rule-id.ts";
import { reportAll } from "../rules/service-rule.ts";

/** A contract before and after a change. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

interface ChangeRuleInit extends Pick<RuleInit, "purpose" | "options"> {
  /** The name of the rule's file; its id is made from it. */
  readonly name: string;
}

/** A rule that looks at one service after the other. */
export interface ServiceChangeRuleInit extends ChangeRuleInit {
  /** Finds what got worse. A service that was not annotated before, or is not any more, is not shown to the rule. */
  check(change: Change<ServiceInspection>, options: OptionReader): readonly Finding[];
}

/** A rule that looks at one method after the other. */
export interface MethodChangeRuleInit extends ChangeRuleInit {
  /** Finds what got worse, if anything. */
  check(change: Change<MethodPolicy>, options: OptionReader): MethodFinding | undefined;
}

/** A breaking rule on all services that exist before and after. */
export function pairRule({
  name,
  purpose,
  options = [],
  check,
}: ChangeRuleInit & { check: ServiceChangeRuleInit["check"] }): Rule {
  const id = ruleId(name);
  return breakingRule({
    id,
    purpose,
    categories: [categoryIds.error],
    options: [exemptPackages, ...options],
    check({ current, against, options: reader }, report) {
      const former = new Map(against.services.map((service) => [service.typeName, service]));
      for (const service of current.services) {
        const before = former.get(service.typeName);
        if (before !== undefined && !isExempt(service, reader)) {
          reportAll(id, check({ before: inspect(before), after: inspect(service) }, reader), report);
        }
      }
    },
  });
}

/** A breaking rule on the contracts of services. */
export function serviceChangeRule({ check, ...init }: ServiceChangeRuleInit): Rule {
  return pairRule({
    ...init,
    check: (change, options) => (isAnnotated(change.before) && isAnnotated(change.after) ? check(change, options) : []),
  });
}

/** A breaking rule on the policies of methods that exist before and after. */
export function methodChangeRule({ check, ...init }: MethodChangeRuleInit): Rule {
  return serviceChangeRule({
    ...init,
    check({ before, after }, options) {
      const found = pairMethods({ before, after }).flatMap(({ method, policies }) => {
        const finding = check(policies, options);
        return finding === undefined ? [] : [{ method, finding }];
      });
      return gatherFindings(found, after, before);
    },
  });
}

/** The methods that exist before and after. */
export function pairMethods({ before, after }: Change<ServiceInspection>): readonly {
  readonly method: DescMethod;
  readonly former: DescMethod;
  readonly policies: Change<MethodPolicy>;
}[] {
  return after.service.methods.flatMap((method, index) => {
    const formerIndex = before.service.methods.findIndex(({ name }) => name === method.name);
    const former = before.service.methods[formerIndex];
    const [policy, formerPolicy] = [after.contract.methods[index], before.contract.methods[formerIndex]];
    return former && policy && formerPolicy
      ? [{ method, former, policies: { before: formerPolicy, after: policy } }]
      : [];
  });
}

/** What a list has that another has not. */
export function without<T>(list: readonly T[], other: readonly T[]): T[] {
  return list.filter((item) => !other.includes(item));
}
