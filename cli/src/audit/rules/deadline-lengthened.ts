// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "../audit-rule.ts";
import { contractLimitMs, findDeadlineOptions, mentionsTimeout } from "../deadline-option.ts";

/** Finds calls that ask for more time than the contract gives: the contract's deadline holds, whatever they ask. */
export const deadlineLengthened: AuditRule = {
  name: "deadline-lengthened",
  purpose: "Finds calls that ask for a longer deadline than the contract gives.",
  mentions: mentionsTimeout,
  check(source, code, report) {
    for (const { node, timeoutMs, call } of findDeadlineOptions(source, code)) {
      const limitMs = contractLimitMs(call);
      if (limitMs !== undefined && Number.isFinite(timeoutMs) && timeoutMs > limitMs) {
        report(
          node,
          `${call.name} asks for ${timeoutMs} ms, and the contract of ${call.contract.service} ends it after ${limitMs} ms: callers can shorten a deadline, not lengthen it. ` +
            "Remove timeoutMs, or have the owner of the service raise it in the .proto.",
        );
      }
    }
  },
};
