// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceChangeRule } from "./change-rule.ts";
import { placesOf } from "./places-of.ts";

const strength = ["PLAINTEXT", "TLS", "MUTUAL_TLS"];

/** What was encrypted or proven is not any more. */
export const clientTransportSecurityWeakened: Rule = serviceChangeRule({
  name: "client-transport-security-weakened",
  purpose: "Checks that connections do not become less secure.",
  check(change) {
    const was = change.before.contract.transportSecurity.mode;
    const is = change.after.contract.transportSecurity.mode;
    const lost = is === "PLAINTEXT" ? "everybody on the way can read along" : "callers no longer prove who they are";
    const message = `transport_security.mode goes from ${was} to ${is}: ${lost}. Write ${was}.`;
    return strength.indexOf(is) < strength.indexOf(was)
      ? [{ ...placesOf(change, "transport_security.mode"), message }]
      : [];
  },
});
