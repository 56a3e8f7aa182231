// SPDX-License-Identifier: Apache-2.0
import type { ValueFinding } from "./check-value.ts";

/** Headers that HTTP/2 and gRPC fill in themselves, and what to use instead where there is something. */
const reserved: ReadonlyMap<string, string> = new Map([
  ["authorization", "it carries credentials, which the authentication option asks for"],
  ["connection", "HTTP/2 forbids it"],
  ["content-length", "HTTP/2 fills it in"],
  ["content-type", "gRPC fills it in"],
  ["cookie", "it carries credentials, which belong to one hop"],
  ["host", "HTTP/2 fills in :authority instead"],
  ["keep-alive", "HTTP/2 forbids it"],
  ["proxy-authorization", "it carries credentials, which belong to one hop"],
  ["proxy-connection", "HTTP/2 forbids it"],
  ["te", "gRPC fills it in"],
  ["trailer", "HTTP/2 forbids it in requests"],
  ["transfer-encoding", "HTTP/2 forbids it"],
  ["upgrade", "HTTP/2 forbids it"],
  ["user-agent", "gRPC fills it in"],
]);

/** Checks a name of `required_headers` by the rules of gRPC metadata. */
export function checkHeaderName(name: string): ValueFinding | undefined {
  const because = name.startsWith("grpc-") ? "names in grpc- belong to gRPC itself" : reserved.get(name);
  if (because !== undefined) {
    const message = `required_headers names ${name}, which callers cannot set: ${because}. Remove it.`;
    return { code: "required-header-reserved", severity: "error", message };
  }
  if (/^[0-9a-z_.-]+$/.test(name)) {
    return undefined;
  }
  const lower = name.toLowerCase();
  const instead =
    lower !== name && /^[0-9a-z_.-]+$/.test(lower) ? ` Write ${lower}.` : " Write such a name, e.g. x-tenant-id.";
  const message =
    `required_headers names ${JSON.stringify(name)}, which is no gRPC metadata key: keys are lower-case letters, ` +
    `digits, "_", "-" and ".".${instead}`;
  return { code: "required-header-malformed", severity: "error", message };
}
