// SPDX-License-Identifier: Apache-2.0
import type { MethodKind } from "./policy.ts";

/** Server-streaming and bidirectional methods: their response timeout ends with the first message. */
export function respondsWithStream(kind: MethodKind): boolean {
  return kind === "server_streaming" || kind === "bidi_streaming";
}
