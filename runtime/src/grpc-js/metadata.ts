// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";
import type { AttemptOptions, HeaderInit } from "../wire.ts";

// Shared because grpc-js clones the metadata of a call before it writes to it.
const nothing = new Metadata();
const nothingWaiting = new Metadata({ waitForReady: true });

/** Headers that belong to the protocol: an application cannot set them. */
const protocolHeader =
  /^(?:content-type|te|user-agent|host|connection|proxy-connection|transfer-encoding|keep-alive|upgrade|http2-settings|grpc-.*)$/;

/**
 * Headers that Node.js sends with one value only. It refuses more, and a name with a colon; grpc-js takes that for a broken
 * connection, ends all calls on it, and tries again on the next without end.
 */
const singleValue = new Set(
  (
    "access-control-allow-credentials access-control-max-age access-control-request-method age authorization " +
    "content-encoding content-language content-length content-location content-md5 content-range date dnt etag expires from " +
    "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards " +
    "proxy-authorization range referer retry-after tk upgrade-insecure-requests x-content-type-options"
  ).split(" "),
);

/**
 * The request metadata of an attempt. Values of `-bin` headers are base64, as everywhere in Connect.
 *
 * @throws ConnectError INVALID_ARGUMENT when a value cannot be sent: gRPC allows printable ASCII only, and HTTP/2 one value for
 * some headers, e.g. `authorization`.
 */
export function requestMetadata(options: AttemptOptions): Metadata {
  if (options.header === undefined && options.previousAttempts === 0) {
    return options.waitForReady ? nothingWaiting : nothing;
  }
  const metadata = new Metadata(options.waitForReady ? { waitForReady: true } : undefined);
  if (options.header !== undefined) {
    for (const [name, value] of entriesOf(options.header)) {
      const key = name.toLowerCase();
      if (!protocolHeader.test(key)) {
        addHeader(metadata, key, value);
      }
    }
  }
  if (options.previousAttempts > 0) {
    metadata.set("grpc-previous-rpc-attempts", String(options.previousAttempts));
  }
  return metadata;
}

/**
 * The metadata of a call that is made on a connection itself: with what the channel of grpc-js would add to `metadata`, which
 * is the encodings of messages that can be read, and the time that the server has. Not to be written to: most calls have
 * no headers of their own and the whole time of their contract, and share one.
 */
export function connectionMetadata(metadata: Metadata, timeoutMs: number | undefined): Metadata {
  if (metadata !== nothing) {
    return complete(metadata, timeoutMs);
  }
  if (last === undefined || last.timeoutMs !== timeoutMs) {
    last = { timeoutMs, metadata: complete(nothing, timeoutMs) };
  }
  return last.metadata;
}

let last: { readonly timeoutMs: number | undefined; readonly metadata: Metadata } | undefined;

function complete(metadata: Metadata, timeoutMs: number | undefined): Metadata {
  const copy = metadata.clone();
  copy.set("grpc-accept-encoding", "identity,deflate,gzip");
  copy.set("accept-encoding", "identity");
  if (timeoutMs !== undefined) {
    copy.set("grpc-timeout", formatTimeout(timeoutMs));
  }
  return copy;
}

/**
 * The time of an attempt, as a server can be told of it. Where `setTimeout` is given more than 2147483647 ms, it fires after 1 ms: here,
 * and in a server on Node.js. That many are told in seconds, so 2147483 s (24.8 days) is the longest; more counts as that.
 */
export function sayableTimeoutMs(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : Math.min(timeoutMs, longestTimeoutMs);
}

const longestTimeoutMs = 2_147_483_000;

/** At most eight digits, and a unit. */
function formatTimeout(timeoutMs: number): string {
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1000)}S`;
}

/** Pairs are taken as they are: `Headers` costs more than all else that is done to them. */
function entriesOf(header: NonNullable<HeaderInit>): Iterable<[string, string]> {
  return Array.isArray(header) ? header : new Headers(header);
}

function addHeader(metadata: Metadata, key: string, value: string): void {
  if (singleValue.has(key) && metadata.get(key).length > 0) {
    throw new ConnectError(`the request header "${key}" has more than one value`, Code.InvalidArgument);
  }
  if (key.includes(":")) {
    throw new ConnectError(`the request header "${key}" cannot be sent: a name has no colon`, Code.InvalidArgument);
  }
  try {
    if (key.endsWith("-bin")) {
      for (const part of value.split(",")) {
        metadata.add(key, Buffer.from(part.trim(), "base64"));
      }
    } else {
      metadata.add(key, value);
    }
  } catch (error) {
    throw new ConnectError(
      `the request header "${key}" cannot be sent: gRPC metadata is printable ASCII; use a name that ends in "-bin" for anything else`,
      Code.InvalidArgument,
      undefined,
      undefined,
      error,
    );
  }
}

/** Between the libraries, and not for applications. */
const encodings = new Set(["grpc-encoding", "grpc-accept-encoding"]);

/** Response metadata as headers, binary values as unpadded base64. */
export function responseHeaders(...parts: (Metadata | undefined)[]): Headers {
  const headers = new Headers();
  for (const metadata of parts) {
    for (const [key, values] of Object.entries(metadata?.toHttp2Headers() ?? {})) {
      if (encodings.has(key)) {
        continue;
      }
      for (const value of Array.isArray(values) ? values : [values]) {
        headers.append(key, key.endsWith("-bin") ? String(value).replace(/=+$/, "") : String(value));
      }
    }
  }
  return headers;
}

/** The trailer `grpc-retry-pushback-ms` (gRFC A6). More than one value is as unreadable as a word, so they are joined. */
export function pushbackOf(metadata: Metadata | undefined): string | undefined {
  const values = metadata?.get("grpc-retry-pushback-ms") ?? [];
  return values.length === 0 ? undefined : values.join(",");
}
