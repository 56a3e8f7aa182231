// SPDX-License-Identifier: Apache-2.0
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { identityFailurePrefix } from "../connection-failure.ts";

/**
 * Fills the placeholders of the identities that a contract declares, e.g. `{shard}`.
 *
 * @throws ConnectError INVALID_ARGUMENT naming the placeholder that has no value, or the value that is no part of a name.
 */
export function fillIdentities(
  service: string,
  identities: readonly string[],
  values: Readonly<Record<string, string>>,
): string[] {
  return identities.map((identity) =>
    identity.replace(/\{([A-Za-z][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined || !/^[A-Za-z0-9._-]+$/.test(value)) {
        const problem = value === undefined ? "has no value" : `cannot be ${JSON.stringify(value)}`;
        throw new ConnectError(
          `the server identity "${identity}" of ${service} has a placeholder {${name}} that ${problem}; ` +
            `open the client with identity: { ${name}: "…" }, letters, digits, ".", "_" and "-"`,
          Code.InvalidArgument,
        );
      }
      return value;
    }),
  );
}

/**
 * Checks that a server's certificate carries one of these identities: a DNS name, by the rules of TLS, or a SPIFFE id, which
 * must be its only URI (SPIFFE X509-SVID, section 2). Returns what is wrong.
 */
export function checkIdentities(identities: readonly string[], certificate: PeerCertificate): Error | undefined {
  const names = subjectNames(certificate.subjectaltname ?? "");
  const uris = names.filter(({ kind }) => kind === "URI").map(({ value }) => value);
  const matches = identities.some((identity) =>
    identity.startsWith("spiffe://")
      ? uris.length === 1 && uris[0] === identity
      : checkServerIdentity(identity, certificate) === undefined,
  );
  if (matches) {
    return undefined;
  }
  const found = names.map(({ value }) => value).join(", ") || "no name at all";
  return new Error(`${identityFailurePrefix}wanted ${identities.join(" or ")}, the certificate says ${found}`);
}

/** Reads the subject alternative names as Node.js writes them: `DNS:a.b, URI:spiffe://x`, odd values as JSON strings. */
export function subjectNames(text: string): { kind: string; value: string }[] {
  const names: { kind: string; value: string }[] = [];
  for (const [, kind = "", value = ""] of text.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)) {
    names.push({ kind, value: value.startsWith('"') ? (JSON.parse(value) as string) : value });
  }
  return names;
}
