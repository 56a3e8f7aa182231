// SPDX-License-Identifier: Apache-2.0
import { type DescMethod, type Message, toBinary } from "@bufbuild/protobuf";
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
