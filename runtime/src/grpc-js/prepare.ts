// SPDX-License-Identifier: Apache-2.0
import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { PreparedMessage } from "../wire.ts";

/** What gRPC puts before a message: whether it is compressed, and its length. */
export const prefixBytes = 5;

/** A request message as grpc-js sends it. It takes nothing but a Buffer: a Uint8Array ends the call with INTERNAL. */
export class EncodedMessage implements PreparedMessage {
  /** The message with its prefix, as it goes over a connection. */
  readonly frame: Buffer;

  constructor(encoded: Uint8Array) {
    this.frame = Buffer.allocUnsafe(prefixBytes + encoded.byteLength);
    this.frame[0] = 0;
    this.frame.writeUInt32BE(encoded.byteLength, 1);
    this.frame.set(encoded, prefixBytes);
  }

  get byteLength(): number {
    return this.frame.byteLength - prefixBytes;
  }

  /** The message alone. */
  get bytes(): Buffer {
    return this.frame.subarray(prefixBytes);
  }
}

/** Encodes a request message. */
export function encodeMessage(method: DescMethod, message: Message): EncodedMessage {
  return new EncodedMessage(toBinary(method.input, message));
}

/** Decodes a response message. Its `bytes` fields are plain Uint8Arrays, not the Buffers that grpc-js hands out. */
export function decodeMessage(method: DescMethod, bytes: Uint8Array): Message {
  return fromBinary(method.output, plain(bytes));
}

/** The same memory as a plain Uint8Array: the methods of a Buffer mean other things. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
