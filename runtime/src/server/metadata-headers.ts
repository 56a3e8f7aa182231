// SPDX-License-Identifier: Apache-2.0
import { type HeaderRecord, readHeaders } from "../context/read-headers.ts";

/** Request metadata, as grpc-js hands it to handlers. */
export interface RequestMetadata {
  toHttp2Headers(): HeaderRecord;
}

/** Request metadata as headers. Binary values stay base64. */
export function headersOfMetadata(metadata: RequestMetadata): Headers {
  return readHeaders(metadata.toHttp2Headers());
}
