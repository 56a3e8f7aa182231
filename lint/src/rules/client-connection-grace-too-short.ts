// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";

/** A server closes old connections; what is still running on them when the grace ends is cut. */
export const clientConnectionGraceTooShort: Rule = serviceRule({
  name: "client-connection-grace-too-short",
  purpose: "Checks that calls can end before the server closes an old connection.",
  severity: "error",
  check({ service, contract, originOf }) {
    const { maxAgeGraceMs } = contract.connection;
    const slowest = contract.methods.reduce<MethodPolicy | undefined>(
      (slow, method) => (durationOf(method) > durationOf(slow) ? method : slow),
      undefined,
    );
    if (slowest === undefined || durationOf(slowest) <= maxAgeGraceMs) {
      return [];
    }
    const message =
      `A call of ${slowest.name} may take ${durationOf(slowest)} ms, but when a connection reaches connection.max_age_millis ` +
      `(${contract.connection.maxAgeMs} ms) the server cuts what is still running after connection.max_age_grace_millis ` +
      `(${maxAgeGraceMs} ms). Write max_age_grace_millis: ${durationOf(slowest)} or more.`;
    const set = ["connection.max_age_grace_millis", "connection.max_age_millis"].map((option) => originOf(option));
    return [{ at: set.find(({ location }) => location !== undefined)?.location ?? service, message }];
  },
});

/** How long a call may take; a stream may take as long as it likes, and says so. */
function durationOf(policy: MethodPolicy | undefined): number {
  const streams = policy?.kind === "server_streaming" || policy?.kind === "bidi_streaming";
  return (streams ? 0 : policy?.responseTimeoutMs) ?? 0;
}
