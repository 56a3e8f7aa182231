// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "../audit-rule.ts";
import { findWrappedCalls, libraryNames } from "../resilience-library.ts";

/** Finds breakers of another library around a guarded call. */
export const breakerAroundClient: AuditRule = {
  name: "breaker-around-client",
  purpose: "Finds circuit breaker libraries around the calls of a client that has a breaker.",
  mentions: libraryNames,
  check(source, code, report) {
    for (const { node, library, call } of findWrappedCalls(source, "breaker", code)) {
      report(
        node,
        `${library} puts a second circuit breaker around ${call.name}: it counts the refusals of the contract's breaker as failures, and opens again when that one has closed. ` +
          `Call ${call.name} without ${library}; thresholds belong into circuit_breaker of ${call.contract.service} in the .proto.`,
      );
    }
  },
};
