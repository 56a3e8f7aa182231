// SPDX-License-Identifier: Apache-2.0
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, as PEM texts. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** An authority made for one run: it exists in memory only. */
export interface TestAuthority {
  /** The certificate that clients trust. */
  readonly ca: string;
  /** Issues a certificate that carries these names. */
  issue(names: JsonGeneralNames, validity?: { notBefore: Date; notAfter: Date }): Promise<CertifiedKey>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hourMs = 3_600_000;

/** Makes an authority that can issue certificates. */
export async function createTestAuthority(name = "Talaria test authority"): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    ...lastingAnHour(),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    ca: root.toString("pem"),
    issue: (names, validity = lastingAnHour()) => issue(root, keys.privateKey, names, validity),
  };
}

async function issue(
  root: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  names: JsonGeneralNames,
  validity: { notBefore: Date; notAfter: Date },
): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=test",
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new BasicConstraintsExtension(false), new SubjectAlternativeNameExtension(names)],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

function lastingAnHour(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - hourMs), notAfter: new Date(Date.now() + hourMs) };
}
