// SPDX-License-Identifier: Apache-2.0
import { error, type Finding, type PolicyScope, warning } from "./finding.ts";

/** Checks that the connection can carry the proof of identity that a method asks for. */
export function checkAuthentication({ policy, contract }: PolicyScope): readonly Finding[] {
  const { authentication } = policy;
  const { mode } = contract.transportSecurity;
  if (authentication === undefined) {
    return [];
  }
  const findings: Finding[] = [];
  if (authentication.scheme === "MUTUAL_TLS" && mode !== "MUTUAL_TLS") {
    findings.push(noClientCertificate(mode));
  }
  if (authentication.scheme === "BEARER" && mode === "PLAINTEXT") {
    findings.push(tokenInTheClear);
  }
  if (authentication.scheme !== "BEARER" && authentication.audience !== undefined) {
    findings.push(audienceWithoutToken(authentication.scheme));
  }
  return findings;
}

function noClientCertificate(mode: string): Finding {
  return error(
    "authentication-without-mutual-tls",
    ["authentication.scheme", "transport_security.mode"],
    `authentication.scheme is MUTUAL_TLS, but transport_security.mode is ${mode}: the client presents no certificate. ` +
      "Write transport_security.mode: MUTUAL_TLS, or another scheme.",
  );
}

const tokenInTheClear = warning(
  "bearer-over-plaintext",
  ["authentication.scheme", "transport_security.mode"],
  "authentication.scheme is BEARER and transport_security.mode is PLAINTEXT: everybody on the way can read the token and " +
    "use it. Write mode: TLS, unless a proxy beside the process encrypts.",
);

function audienceWithoutToken(scheme: string): Finding {
  return warning(
    "audience-unused",
    ["authentication.audience", "authentication.scheme"],
    `authentication.audience has no effect with scheme ${scheme}: only a token has an audience. ` +
      "Write scheme: BEARER, or remove the audience.",
  );
}
