// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "../audit-rule.ts";
import { findWrappedCalls, libraryNames } from "../resilience-library.ts";

/** Finds retries of another library around a guarded call: attempts multiply. */
export const retryAroundClient: AuditRule = {
  name: "retry-around-client",
  purpose: "Finds retry libraries around the calls of a client that retries by itself.",
  mentions: libraryNames,
  check(source, code, report) {
    for (const { node, library, call } of findWrappedCalls(source, "retry", code)) {
      report(
        node,
        `${library} tries ${call.name} again, and so does the contract of ${call.contract.service}: attempts multiply, and a server in trouble gets the most. ` +
          `Call ${call.name} without ${library}; where the outer retry must stay, pass withoutRetry() as its options.`,
      );
    }
  },
};
