// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceChangeRule, without } from "./change-rule.ts";
import { placesOf } from "./places-of.ts";

const option = "transport_security.server_identity";

/** Callers trust another name, or refuse the servers that run today. */
export const clientServerIdentityChanged: Rule = serviceChangeRule({
  name: "client-server-identity-changed",
  purpose: "Checks that callers go on trusting the same servers.",
  check(change) {
    const was = change.before.contract.transportSecurity.serverIdentity;
    const is = change.after.contract.transportSecurity.serverIdentity;
    const gone = without(was, is);
    if (was.length > 0 && is.length === 0) {
      const message =
        `${option} is gone: callers would trust any server whose certificate fits the name they called, not only ` +
        `${was.join(", ")}. Put it back.`;
      return [{ ...placesOf(change, option), message }];
    }
    if (is.length === 0 || (was.length > 0 && gone.length === 0)) {
      return [];
    }
    const lost =
      was.length === 0 ? "asks for a name in the certificate that none had to have" : `loses ${gone.join(", ")}`;
    const message =
      `${option} ${lost}: callers would refuse servers that still present the old certificate. Add the new name beside the ` +
      "old, roll the certificates, and remove the old name with a later change.";
    return [{ ...placesOf(change, option), message }];
  },
});
