// SPDX-License-Identifier: Apache-2.0
import { create, createFileRegistry, type DescService, type UnknownField } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_empty,
  type MethodOptions_IdempotencyLevel,
  MethodOptionsSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt";

/** A method, and the bytes of its `(service_client.method_config)`. */
export interface BuiltMethod {
  readonly name: string;
  readonly kind?: "unary" | "server_streaming" | "client_streaming" | "bidi_streaming";
  readonly idempotency?: MethodOptions_IdempotencyLevel;
  readonly config?: Uint8Array;
}

/** Builds the descriptor of `test.Service` without a compiler, so that its options can hold bytes no compiler writes. */
export function buildService(config: Uint8Array | undefined, methods: readonly BuiltMethod[] = []): DescService {
  const empty = ".google.protobuf.Empty";
  const file = create(FileDescriptorProtoSchema, {
    name: "test.proto",
    package: "test",
    dependency: ["google/protobuf/empty.proto"],
    service: [
      {
        name: "Service",
        options: withUnknown(create(ServiceOptionsSchema), annotation(config)),
        method: methods.map(({ name, kind = "unary", idempotency = 0, config: own }) => ({
          name,
          inputType: empty,
          outputType: empty,
          clientStreaming: kind === "client_streaming" || kind === "bidi_streaming",
          serverStreaming: kind === "server_streaming" || kind === "bidi_streaming",
          options: withUnknown(create(MethodOptionsSchema, { idempotencyLevel: idempotency }), annotation(own)),
        })),
      },
    ],
  });
  const service = createFileRegistry(file, () => file_google_protobuf_empty).getService("test.Service");
  if (service === undefined) {
    throw new Error("test.Service was not built");
  }
  return service;
}

/** Field 999999 with these bytes in it, as a decoder that does not know the field keeps it. */
export function annotation(config: Uint8Array | undefined): UnknownField[] {
  const length = new BinaryWriter().bytes(config ?? new Uint8Array());
  return config === undefined ? [] : [{ no: 999_999, wireType: WireType.LengthDelimited, data: length.finish() }];
}

function withUnknown<M extends { $unknown?: UnknownField[] | undefined }>(message: M, fields: UnknownField[]): M {
  message.$unknown = fields;
  return message;
}
