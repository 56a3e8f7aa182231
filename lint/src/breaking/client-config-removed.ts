// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { pairRule } from "./change-rule.ts";

/** Without a contract, callers are as unprotected as before it was written. */
export const clientConfigRemoved: Rule = pairRule({
  name: "client-config-removed",
  purpose: "Checks that a service does not stop saying how its clients must behave.",
  check({ before, after }) {
    const message =
      `${after.service.typeName} had a client configuration and has none any more: with their next update all callers lose ` +
      "their deadline, retries and breaker. Put (service_client.client_config) back.";
    return before.annotated && !after.annotated ? [{ at: after.service, against: before.service, message }] : [];
  },
});
