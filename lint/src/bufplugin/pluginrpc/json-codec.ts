// SPDX-License-Identifier: Apache-2.0
import { createRegistry, type DescMessage, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { RequestSchema } from "../gen/pluginrpc/v1/pluginrpc_pb.ts";
import type { Codec } from "./codec.ts";

/**
 * The codec of people: JSON with the field names of the `.proto`.
 *
 * @param types what may stand in a google.protobuf.Any.
 * @param rewrite makes the JSON of a request fit its type.
 */
export function createJsonCodec(
  types: readonly DescMessage[],
  rewrite: (json: string) => string | Promise<string>,
): Codec {
  const registry = createRegistry(...types);
  return {
    async decode(bytes) {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return fromJsonString(RequestSchema, await rewrite(text.trim() === "" ? "{}" : text), { registry });
    },
    encode(schema, message) {
      return new TextEncoder().encode(`${toJsonString(schema, message, { registry, useProtoFieldName: true })}\n`);
    },
  };
}
