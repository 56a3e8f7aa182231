// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";

/** Without TLS, everybody on the way can read and change what is sent. */
export const clientTransportSecurityPlaintext: Rule = serviceRule({
  name: "client-transport-security-plaintext",
  purpose: "Checks that connections are encrypted.",
  severity: "error",
  check({ service, contract, originOf }) {
    if (contract.transportSecurity.mode !== "PLAINTEXT") {
      return [];
    }
    const message =
      "transport_security.mode is PLAINTEXT: everybody on the way can read and change what is sent, and nobody knows who " +
      "answers. Write TLS or MUTUAL_TLS, unless a proxy beside each process encrypts.";
    return [{ at: originOf("transport_security.mode").location ?? service, message }];
  },
});
