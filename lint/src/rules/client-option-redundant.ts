// SPDX-License-Identifier: Apache-2.0
import type { DeclaredOption } from "@talaria/contract";
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";

/** What a method repeats goes stale when the service changes. */
export const clientOptionRedundant: Rule = serviceRule({
  name: "client-option-redundant",
  purpose: "Checks that methods do not repeat what their service says.",
  severity: "advice",
  check({ declared }) {
    const inherited = new Map(declared.filter(({ method }) => method === undefined).map((own) => [own.option, own]));
    return declared.flatMap((own) => {
      const same = own.method !== undefined && show(inherited.get(own.option)) === show(own);
      const message =
        `${own.option} is ${show(own)} here and on the service. Remove it here, so that a change of the service reaches ` +
        "this method too.";
      return same ? [{ at: own.location, message }] : [];
    });
  },
});

function show(own: DeclaredOption | undefined): string | undefined {
  if (own === undefined) {
    return undefined;
  }
  if (Array.isArray(own.value)) {
    return `[${own.value.join(", ")}]`;
  }
  return `${own.value}${own.option.endsWith("_millis") ? " ms" : ""}`;
}
