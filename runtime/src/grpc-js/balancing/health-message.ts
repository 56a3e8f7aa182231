// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** What a health service says of a service, as far as it matters to callers. */
export type ServingStatus = "SERVING" | "NOT_SERVING";

/** The method of `grpc.health.v1` that reports each change. */
export const healthWatchPath = "/grpc.health.v1.Health/Watch";

const serviceField = 1;
const statusField = 1;
const serving = 1;

/** Writes a `grpc.health.v1.HealthCheckRequest`. */
export function encodeHealthRequest(service: string): Buffer {
  const writer = new BinaryWriter();
  if (service !== "") {
    writer.tag(serviceField, WireType.LengthDelimited).string(service);
  }
  return Buffer.from(writer.finish());
}

/** Reads a `grpc.health.v1.HealthCheckResponse`. Whatever is not SERVING is NOT_SERVING: UNKNOWN and SERVICE_UNKNOWN too. */
export function decodeHealthResponse(bytes: Uint8Array): ServingStatus {
  const reader = new BinaryReader(bytes);
  let status = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === statusField && wireType === WireType.Varint) {
      status = reader.int32();
    } else {
      reader.skip(wireType, field);
    }
  }
  return status === serving ? "SERVING" : "NOT_SERVING";
}
