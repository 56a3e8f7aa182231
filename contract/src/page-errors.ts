// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { fullNameOf } from "./declared.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { ServiceInspection } from "./inspect-service.ts";
import { contractOptions, optionsByName } from "./option-schema.ts";

const connectionGroups: ReadonlySet<string> = new Set(contractOptions.map(({ name }) => name));

/**
 * The options whose errors leave unknown what a method does: its own, and those of the service that it does not replace.
 * Empty for the annotation as a whole.
 */
export function errorsOf(method: DescMethod, inspection: ServiceInspection): readonly string[] {
  const own = fullNameOf(method);
  const holding = errorsIn(inspection).filter(
    (error) => error.element === own || (concerns(error, method) && holdsFor(method, error.option, inspection)),
  );
  return [...new Set(holding.map(({ option }) => option))];
}

function holdsFor(method: DescMethod, option: string, inspection: ServiceInspection): boolean {
  if (connectionGroups.has(option.split(".")[0] ?? "")) {
    return false;
  }
  // Of a group, the method may have replaced a part only.
  return optionsByName.get(option)?.kind !== "leaf" || inspection.originOf(option, method).setBy !== "method";
}

/**
 * Says whether an error is about the value of an option. Where something could not be read, what seems to be left to its
 * default may be what could not be read.
 */
export function isWrong(
  option: string,
  setBy: "default" | "service" | "method",
  method: DescMethod | undefined,
  inspection: ServiceInspection,
): boolean {
  return errorsIn(inspection).some((error) => {
    const isAbout = error.option === option || (setBy === "default" && isWithin(option, error.option));
    if (!isAbout) {
      return false;
    }
    if (method !== undefined && error.element === fullNameOf(method)) {
      return setBy !== "service";
    }
    const isOfService = method === undefined ? error.element === inspection.service.typeName : concerns(error, method);
    return isOfService && setBy !== "method";
  });
}

function isWithin(option: string, group: string): boolean {
  return group === "" || option.startsWith(`${group}.`);
}

/** What stands at the service concerns all of its methods, unless it names some. */
function concerns({ element, methods }: Diagnostic, method: DescMethod): boolean {
  return element === method.parent.typeName && (methods?.includes(method.name) ?? true);
}

function errorsIn({ diagnostics }: ServiceInspection): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}
