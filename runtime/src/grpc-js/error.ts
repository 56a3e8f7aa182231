// SPDX-License-Identifier: Apache-2.0
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Metadata } from "@grpc/grpc-js";
import { responseHeaders } from "./metadata.ts";
import { plain } from "./prepare.ts";

/** An error detail as `ConnectError` keeps it when it came over the wire. */
interface ErrorDetail {
  readonly type: string;
  readonly value: Uint8Array;
}

interface RichStatus {
  message: string;
  readonly details: ErrorDetail[];
}

/**
 * A gRPC status as a ConnectError: with its details when the trailer `grpc-status-details-bin` carries a
 * `google.rpc.Status`, and with headers and trailers as metadata.
 */
export function statusError(
  code: number,
  details: string,
  header: Metadata | undefined,
  trailer: Metadata | undefined,
): ConnectError {
  const rich = trailer === undefined ? undefined : richStatus(trailer);
  const error = new ConnectError(
    rich?.message || unescaped(details),
    code in Code ? code : Code.Unknown,
    responseHeaders(header, trailer),
  );
  if (rich !== undefined) {
    error.details = rich.details;
  }
  return error;
}

/**
 * grpc-js reads `grpc-message` with `decodeURI`, which leaves escaped what a URI reserves. Connect servers escape all of that, others
 * none of it: where one such character stands as itself, an escape is part of the message.
 */
function unescaped(details: string): string {
  return /[;/?:@&=+$,#]/.test(details)
    ? details
    : details.replace(/%(?:2[346BCF]|3[ABDF]|40)/gi, (escaped) => decodeURIComponent(escaped));
}

function richStatus(trailer: Metadata): RichStatus | undefined {
  const bytes = trailer.get("grpc-status-details-bin")[0];
  if (!(bytes instanceof Uint8Array)) {
    return undefined;
  }
  try {
    return readStatus(plain(bytes));
  } catch {
    // Unreadable details must not hide the status itself.
    return undefined;
  }
}

/** Reads a `google.rpc.Status`: `int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3`. */
function readStatus(bytes: Uint8Array): RichStatus {
  const status: RichStatus = { message: "", details: [] };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2) {
      status.message = reader.string();
    } else if (field === 3) {
      status.details.push(readAny(reader.bytes()));
    } else {
      reader.skip(wireType, field);
    }
  }
  return status;
}

function readAny(bytes: Uint8Array): ErrorDetail {
  let type = "";
  let value: Uint8Array = new Uint8Array();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) {
      const url = reader.string();
      type = url.slice(url.lastIndexOf("/") + 1);
    } else if (field === 2) {
      value = reader.bytes();
    } else {
      reader.skip(wireType, field);
    }
  }
  return { type, value };
}
