// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodPolicy, ServiceContract, ServiceInspection, SourceLocation } from "@talaria/contract";
import type { OptionReader } from "../bufplugin/option.ts";
import type { Finding, Rule } from "../bufplugin/rule.ts";
import { isAnnotated } from "./inspect.ts";
import { type ServiceRuleInit, serviceRule } from "./service-rule.ts";

/** A rule that looks at one method after the other. */
export interface MethodRuleInit extends Omit<ServiceRuleInit, "check"> {
  /** Finds what is wrong with the policy of a method, if anything. */
  check(view: MethodView, options: OptionReader): MethodFinding | undefined;
}

/** What a rule sees of a method. */
export interface MethodView {
  readonly method: DescMethod;
  readonly policy: MethodPolicy;
  readonly contract: ServiceContract;
  /** See {@link isAnnotated}. */
  readonly annotated: boolean;
  /** The service's annotation or the method's sets this option, or something in this group. */
  isSet(option: string): boolean;
}

/** What is wrong with a method. */
export interface MethodFinding {
  /** What, why, and what to write instead. It names no method: several may inherit the same value. */
  readonly message: string;
  /**
   * The options that are wrong, the one to change first in front. The finding stands where the most specific of them is
   * set, and at the service when none is.
   */
  readonly at: readonly string[];
  /** The element of a list that is wrong, from 0. */
  readonly index?: number;
}

/** A lint rule on the policies of methods. What methods inherit is reported once, where the service sets it. */
export function methodRule({ check, ...init }: MethodRuleInit): Rule {
  return serviceRule({
    ...init,
    check(inspection, options) {
      const { service, contract } = inspection;
      const annotated = isAnnotated(inspection);
      const found = service.methods.flatMap((method, index) => {
        const policy = contract.methods[index];
        const isSet = (option: string): boolean => inspection.originOf(option, method).setBy !== "default";
        const finding = policy && check({ method, policy, contract, annotated, isSet }, options);
        return finding === undefined ? [] : [{ method, finding }];
      });
      return gatherFindings(found, inspection);
    },
  });
}

interface Gathered {
  readonly at: Finding["at"];
  readonly finding: MethodFinding;
  readonly methods: DescMethod[];
  readonly inherited: boolean;
}

/** Gives findings their places, and makes one of those that several methods have because of the same line. */
export function gatherFindings(
  found: readonly { readonly method: DescMethod; readonly finding: MethodFinding }[],
  inspection: ServiceInspection,
  before?: ServiceInspection,
): Finding[] {
  const gathered = new Map<string, Gathered>();
  for (const { method, finding } of found) {
    const { at, inherited } = placeOf(finding, method, inspection);
    const key = JSON.stringify([finding.message, "sourcePath" in at ? at.sourcePath : undefined]);
    const entry = gathered.get(key) ?? { at, finding, methods: [], inherited };
    gathered.set(key, entry);
    entry.methods.push(method);
  }
  return [...gathered.values()].map(({ at, finding, methods, inherited }) => {
    const some = inherited && methods.length < inspection.service.methods.length;
    const message = some ? `${finding.message} This concerns ${enumerate(methods)}.` : finding.message;
    const former = before?.service.methods.find(({ name }) => name === methods[0]?.name);
    return { at, message, ...(before && former && { against: placeOf(finding, former, before).at }) };
  });
}

function placeOf(
  { at, index }: MethodFinding,
  method: DescMethod,
  inspection: ServiceInspection,
): { readonly at: Finding["at"]; readonly inherited: boolean } {
  const origins = at.map((option) => inspection.originOf(option, method));
  const origin = origins.find(({ setBy }) => setBy === "method") ?? origins.find(({ setBy }) => setBy === "service");
  if (origin?.location === undefined) {
    return { at: inspection.service, inherited: true };
  }
  return { at: elementOf(origin.location, index), inherited: origin.setBy === "service" };
}

/** The place of an element of a list. */
function elementOf({ file, sourcePath }: SourceLocation, index?: number): Extract<Finding["at"], { file: string }> {
  return { file, sourcePath: index === undefined ? sourcePath : [...sourcePath, index] };
}

const namesShown = 5;

function enumerate(methods: readonly DescMethod[]): string {
  const names = methods.map(({ name }) => name);
  const shown = names.slice(0, namesShown).join(", ");
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more methods` : shown;
}
