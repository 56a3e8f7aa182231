// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";

/**
 * A whole annotation for a service that has none: to paste into it, and to be adapted. No rule of the default category
 * finds anything in it.
 */
export function suggestConfig({ methods }: DescService): string {
  const options = [
    "response_timeout_millis: 800",
    ...(methods.some(streamsResponse) ? ["stream_idle_timeout_millis: 30000"] : []),
    // Another attempt would need all that was sent.
    `retry { max_attempts: ${methods.some(streamsRequest) ? 1 : 3} }`,
    "circuit_breaker {}",
    "transport_security { mode: TLS }",
  ];
  return `option (service_client.client_config) = { ${options.join(" ")} };`;
}

function streamsResponse({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}

function streamsRequest({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}
