// SPDX-License-Identifier: Apache-2.0

/** Request metadata, as grpc-js hands it to handlers. */
export interface RequestMetadata {
  toHttp2Headers(): Readonly<Record<string, string | number | readonly string[] | undefined>>;
}

/** Request metadata as headers. Binary values stay base64. */
export function headersOfMetadata(metadata: RequestMetadata): Headers {
  const headers = new Headers();
  for (const [key, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value !== undefined) {
        headers.append(key, String(value));
      }
    }
  }
  return headers;
}
