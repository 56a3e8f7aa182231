// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";

/** A PEM text, or the file that holds it. A file is read again when it has changed, for connections made from then on. */
export type Pem = string | Uint8Array | { readonly file: string };

/** What TLS connections are made with. */
export interface TlsOptions {
  /** Certificates of the authorities to trust. Default: those that Node.js trusts. */
  readonly ca?: Pem;
  /** The client's certificate chain: needed for MUTUAL_TLS. */
  readonly cert?: Pem;
  /** The key of the client's certificate: needed for MUTUAL_TLS. */
  readonly key?: Pem;
}

/**
 * Gives the secure context for a connection that is about to be made. While files on disk are unreadable or do not fit
 * together, as in the middle of a rotation, it goes on giving the last that did.
 */
export type TlsMaterial = () => SecureContext;

/**
 * Opens the TLS material of a client.
 *
 * @throws ConnectError INVALID_ARGUMENT when it is unusable now, or when MUTUAL_TLS lacks a certificate or key.
 */
export function openTlsMaterial(tls: TlsOptions, mutual: boolean): TlsMaterial {
  if ((tls.cert === undefined) !== (tls.key === undefined) || (mutual && tls.cert === undefined)) {
    const why = mutual ? "the contract demands MUTUAL_TLS" : "one is of no use without the other";
    throw new ConnectError(`tls.cert and tls.key must both be given: ${why}`, Code.InvalidArgument);
  }
  let version = versionOf(tls);
  let context = createContext(tls);
  return () => {
    const now = versionOf(tls);
    if (now !== version) {
      try {
        context = createContext(tls);
        version = now;
      } catch (error) {
        process.emitWarning(`new TLS material is not used: ${(error as Error).message}`, { code: "TALARIA_TLS" });
      }
    }
    return context;
  };
}

function createContext({ ca, cert, key }: TlsOptions): SecureContext {
  try {
    return createSecureContext({
      ...(ca !== undefined && { ca: readAuthorities(ca) }),
      ...(cert !== undefined && { cert: read(cert) }),
      ...(key !== undefined && { key: read(key) }),
    });
  } catch (error) {
    const message = `the TLS material is unusable: ${(error as Error).message}`;
    throw new ConnectError(message, Code.InvalidArgument, undefined, undefined, error);
  }
}

/** OpenSSL passes over what is no certificate, and nobody would be trusted. */
function readAuthorities(pem: Pem): Buffer {
  const bytes = read(pem);
  if (!/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(bytes.toString("latin1"))) {
    throw new Error("ca holds no certificate in PEM");
  }
  return bytes;
}

function read(pem: Pem): Buffer {
  const bytes = typeof pem === "object" && "file" in pem ? readFileSync(pem.file) : Buffer.from(pem);
  if (bytes.length === 0) {
    throw new Error("a certificate or key is empty");
  }
  return bytes;
}

/** Changes when a file does. */
function versionOf({ ca, cert, key }: TlsOptions): string {
  return [ca, cert, key].map((pem) => (typeof pem === "object" && "file" in pem ? stamp(pem.file) : "")).join();
}

function stamp(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return "missing";
  }
}
