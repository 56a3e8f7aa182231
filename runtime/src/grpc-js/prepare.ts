// SPDX-License-Identifier: Apache-2.0
import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { PreparedMessage } from "../wire.ts";

/** A request message as grpc-js sends it. */
export interface EncodedMessage extends PreparedMessage {
  readonly bytes: Buffer;
}

/** Encodes a request message. grpc-js takes nothing but a Buffer: a Uint8Array ends the call with INTERNAL. */
export function encodeMessage(method: DescMethod, message: Message): EncodedMessage {
  const bytes = toBinary(method.input, message);
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), byteLength: bytes.byteLength };
}

/** Decodes a response message. Its `bytes` fields are plain Uint8Arrays, not the Buffers that grpc-js hands out. */
export function decodeMessage(method: DescMethod, bytes: Uint8Array): Message {
  return fromBinary(method.output, plain(bytes));
}

/** The same memory as a plain Uint8Array: the methods of a Buffer mean other things. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
