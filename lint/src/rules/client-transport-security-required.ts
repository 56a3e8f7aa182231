// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { isAnnotated } from "./inspect.ts";
import { serviceRule } from "./service-rule.ts";

/** Who may read along is a decision, not an accident. */
export const clientTransportSecurityRequired: Rule = serviceRule({
  name: "client-transport-security-required",
  purpose: "Checks that every annotated service says how its connections are secured.",
  severity: "error",
  check(inspection) {
    const { service, originOf } = inspection;
    if (!isAnnotated(inspection) || originOf("transport_security.mode").setBy !== "default") {
      return [];
    }
    const message =
      `${service.typeName} does not say how its connections are secured. Clients use TLS then, and whoever meant something ` +
      "else finds out in production. Write transport_security { mode: TLS }, MUTUAL_TLS or PLAINTEXT.";
    return [{ at: service, message }];
  },
});
