// SPDX-License-Identifier: Apache-2.0
import type { Diagnostic, ServiceInspection } from "@talaria/contract";

/** An option of the annotation language that clients do not obey yet. */
interface Unsupported {
  /** The option, or a group of options, as the `.proto` names it. */
  readonly option: string;
  /** The values that are not obeyed. Absent: none is. */
  readonly values?: readonly string[];
  /** What a client would not do, to complete "clients do not …". */
  readonly missing: string;
}

/**
 * What is declared in service_client_config.proto and not built yet: nothing. A contract that uses it is refused: ignoring it
 * would break the promise that the `.proto` makes. Delete an entry when the runtime obeys the option.
 */
export const unsupported: readonly Unsupported[] = [];

/** A service or method that sets an option, and where. */
type Use = Pick<Diagnostic, "element" | "location">;

/** Finds the options of a service and its methods that clients do not obey yet. */
export function findUnsupported(
  inspection: ServiceInspection,
  table: readonly Unsupported[] = unsupported,
): Diagnostic[] {
  return table.flatMap((entry) =>
    usesOf(entry, inspection).map(({ element, location }): Diagnostic => {
      const what = entry.values === undefined ? entry.option : `${entry.option} ${entry.values.join(" or ")}`;
      return {
        code: "unsupported-option",
        severity: "error",
        message:
          `${what} is not implemented in this version: clients do not ${entry.missing}, so the contract would promise ` +
          "what nobody keeps. Remove the option, or update the Talaria packages.",
        element,
        option: entry.option,
        location,
      };
    }),
  );
}

function usesOf({ option, values }: Unsupported, { service, originOf }: ServiceInspection): Use[] {
  return [undefined, ...service.methods].flatMap((method) => {
    const origin = originOf(option, method);
    if (origin.setBy !== (method === undefined ? "service" : "method")) {
      return [];
    }
    const isUse = values === undefined || values.includes(String(origin.value));
    const element = method === undefined ? service.typeName : `${service.typeName}.${method.name}`;
    return isUse && origin.location !== undefined ? [{ element, location: origin.location }] : [];
  });
}
