// SPDX-License-Identifier: Apache-2.0
import { NotInTime } from "./budget.ts";
import { sayTime } from "./say-duration.ts";

/** What was tried when it failed. */
type Attempt = "tcp" | "tls" | "http2";

const reasons: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused: nothing listens on this port"],
  ["EHOSTUNREACH", "no route to this host"],
  ["ENETUNREACH", "no route to this network"],
  ["ECONNRESET", "the server reset the connection"],
  ["EPIPE", "the server closed the connection"],
  ["ETIMEDOUT", "the system gave up: nothing was acknowledged"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "the server does not speak TLS on this port"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "the server does not speak TLS on this port"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "the server demands a certificate of its client"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "the server refused the handshake"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "the server does not trust the certificate of its client"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "the certificate of the client has expired, says the server"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "the server has no certificate for the name it was asked for"],
  ["ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "the server does not speak HTTP/2 (ALPN h2)"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "client and server have no version of TLS in common"],
]);

const inTime: Readonly<Record<Attempt, string>> = {
  tcp: "no TCP connection: no answer at all, as if packets were dropped on the way",
  tls: "no TLS handshake: the server accepts TCP and stays mute",
  http2: "no HTTP/2 settings: the server accepts the connection and stays mute",
};

/** Says why a connection failed, and what to look at. Anything but a failure of a connection is thrown again. */
export function explainFailure(error: unknown, attempt: Attempt): string {
  if (error instanceof NotInTime) {
    return `${inTime[attempt]} (${sayTime(Math.round(error.limitMs))})`;
  }
  if (!(error instanceof Error) || error.name === "AbortError") {
    throw error;
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const said = code === undefined ? undefined : reasons.get(code);
  return said === undefined ? error.message : `${said} (${code})`;
}

/** What may be the reason, where it is not said. */
export function hintFor(message: string, attempt: Attempt, isTls: boolean): readonly string[] {
  if (attempt === "tls" && message.includes("does not speak TLS")) {
    return ["If it is meant to be without, pass --plaintext."];
  }
  if (attempt === "tls" && /mute|reset|closed|disconnected/.test(message)) {
    return ["A server without TLS looks like this, too: try --plaintext."];
  }
  if (attempt === "http2" && !isTls) {
    return ["A server that wants TLS, or HTTP/1.1, looks like this, too: try without --plaintext."];
  }
  return message.includes("certificate of its client")
    ? ["Pass the client's certificate: --cert FILE --key FILE."]
    : [];
}
