// SPDX-License-Identifier: Apache-2.0
import { fromJson, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/**
 * Makes the JSON of a request fit its type: our schema leaves file descriptors encoded, which is the same on the wire but
 * not in JSON.
 */
export function rewriteJsonRequest(json: string): string {
  const request: JsonValue = JSON.parse(json);
  const value = isObject(request) ? request.value : undefined;
  if (!isObject(request) || !isObject(value)) {
    return json;
  }
  const rewritten = { ...value };
  for (const field of ["file_descriptors", "fileDescriptors", "against_file_descriptors", "againstFileDescriptors"]) {
    const files = value[field];
    if (Array.isArray(files)) {
      rewritten[field] = files.map(rewriteJsonFile);
    }
  }
  return JSON.stringify({ ...request, value: rewritten });
}

function rewriteJsonFile(file: JsonValue): JsonValue {
  if (!isObject(file)) {
    return file;
  }
  const { file_descriptor_proto: snake, fileDescriptorProto: camel, ...rest } = file;
  const proto = fromJson(FileDescriptorProtoSchema, snake ?? camel ?? {});
  return { ...rest, fileDescriptorProto: base64Encode(toBinary(FileDescriptorProtoSchema, proto)) };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
