// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate, TLSSocket } from "node:tls";
import { checkIdentities, subjectNames } from "@talaria/runtime/diagnose";
import type { Finding } from "./check.ts";
import type { Expected, Security } from "./doctor-plan.ts";
import { sayRoughly } from "./say-duration.ts";

type TlsSecurity = Extract<Security, { kind: "tls" }>;

const soonMs = 14 * 86_400_000;

/** Says what was agreed in the handshake, and judges the certificate: its chain and its days, not yet its names. */
export function checkTls(
  socket: TLSSocket,
  security: TlsSecurity,
  expected: Expected | undefined,
  nowMs: number = Date.now(),
): Finding {
  const certificate = socket.getPeerCertificate();
  const protocol = socket.getProtocol() ?? "an unknown version";
  const cipher = socket.getCipher().standardName;
  const alpn = socket.alpnProtocol || undefined;
  const names = subjectNames(certificate.subjectaltname ?? "").map(({ kind, value }) => `${kind}:${value}`);
  const validTo = Date.parse(certificate.valid_to);
  const { verdict, message } = judge(socket, { alpn, certificate, caFile: security.caFile, nowMs });
  const [subject, issuer] = [commonName(certificate.subject), commonName(certificate.issuer)];
  const lacksOwn = expected?.contract.transportSecurity.mode === "MUTUAL_TLS" && !security.hasCertificate;
  return {
    verdict: lacksOwn && verdict === "ok" ? "warning" : verdict,
    message: `${message}; ${protocol}, ${cipher}, ALPN ${alpn ?? "none"}`,
    details: [
      `subject ${subject}; ${names.join(", ") || "no subject alternative names"}`,
      `issuer ${issuer}`,
      `valid from ${isoDate(certificate.valid_from)} to ${isoDate(certificate.valid_to)}`,
      ...(lacksOwn ? ["the contract demands MUTUAL_TLS, and no --cert and --key were given"] : []),
    ],
    data: {
      protocol,
      cipher,
      alpn,
      serverName: security.serverName,
      subject,
      issuer,
      names,
      validFrom: isoDate(certificate.valid_from),
      validTo: isoDate(certificate.valid_to),
      expiresInDays: Number.isNaN(validTo) ? undefined : Math.floor((validTo - nowMs) / 86_400_000),
      trusted: socket.authorized,
    },
  };
}

/** What a server has shown, and what it is held against. */
interface Presented {
  readonly alpn: string | undefined;
  readonly certificate: PeerCertificate;
  readonly caFile: string | undefined;
  readonly nowMs: number;
}

function judge(
  socket: TLSSocket,
  { alpn, certificate, caFile, nowMs }: Presented,
): Pick<Finding, "verdict" | "message"> {
  const leftMs = Date.parse(certificate.valid_to) - nowMs;
  if (leftMs < 0) {
    return { verdict: "problem", message: `the certificate expired ${sayRoughly(-leftMs)} ago` };
  }
  if (!socket.authorized) {
    return {
      verdict: "problem",
      message: `the certificate is not trusted: ${untrusted(String(socket.authorizationError), caFile)}`,
    };
  }
  if (alpn !== "h2") {
    return { verdict: "problem", message: "the server does not agree to HTTP/2: it must offer h2 by ALPN" };
  }
  const expires = `the certificate expires in ${sayRoughly(leftMs)}`;
  return { verdict: leftMs < soonMs ? "warning" : "ok", message: expires };
}

function untrusted(code: string, caFile: string | undefined): string {
  const reason = reasonOf(code, caFile);
  return reason === undefined ? code : `${reason} (${code})`;
}

function reasonOf(code: string, caFile: string | undefined): string | undefined {
  switch (code) {
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return caFile === undefined
        ? "its issuer is unknown; pass --ca FILE, or have the server send its intermediates"
        : `its issuer is unknown; ${caFile} does not hold its authority, or the server does not send its intermediates`;
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return `its authority is unknown; ${caFile === undefined ? "pass --ca FILE" : `${caFile} does not hold it`}`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return "it is self-signed; pass it as --ca FILE if it is meant to be";
    case "CERT_NOT_YET_VALID":
      return "it is not valid yet; compare the clocks";
    case "CERT_SIGNATURE_FAILURE":
      return "its signature is wrong: another authority of the same name has issued it";
    default:
      return undefined;
  }
}

/** Judges the names in the certificate, as a client does. */
export function checkIdentity(socket: TLSSocket, { identities, wantedBy }: TlsSecurity): Finding {
  const certificate = socket.getPeerCertificate();
  const failure = checkIdentities(identities, certificate);
  const wanted = {
    contract: "as the contract declares",
    target: "the name in the target",
    "--server-name": "as --server-name says",
  };
  return failure === undefined
    ? { verdict: "ok", message: `${identities.join(" or ")}, ${wanted[wantedBy]}`, data: { wanted: identities } }
    : { verdict: "problem", message: `${failure.message} (wanted ${wanted[wantedBy]})`, data: { wanted: identities } };
}

function commonName(name: PeerCertificate["subject"] | undefined): string {
  const values = Object.entries(name ?? {}).map(([key, value]) => `${key}=${[value].flat().join("+")}`);
  return values.join(", ") || "without a name";
}

function isoDate(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
