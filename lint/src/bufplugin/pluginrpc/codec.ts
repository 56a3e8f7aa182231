// SPDX-License-Identifier: Apache-2.0
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Request, RequestSchema } from "../gen/pluginrpc/v1/pluginrpc_pb.ts";

/** How messages are written. */
export interface Codec {
  /** Reads a request. */
  decode(bytes: Uint8Array): Request | Promise<Request>;
  /** Writes any message. */
  encode<D extends DescMessage>(schema: D, message: MessageShape<D>): Uint8Array;
}

/** The codec of buf. */
export const binaryCodec: Codec = {
  decode: (bytes) => fromBinary(RequestSchema, bytes),
  encode: toBinary,
};
