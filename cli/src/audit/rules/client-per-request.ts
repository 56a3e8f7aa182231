// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "../audit-rule.ts";
import { findOpenedClients, opensClient } from "../opened-client.ts";
import { repetitionOf } from "../repetition.ts";

/** Finds clients that are opened again and again. */
export const clientPerRequest: AuditRule = {
  name: "client-per-request",
  purpose: "Finds clients that are opened for each request or each turn of a loop.",
  mentions: opensClient,
  check(source, code, report) {
    for (const { call, contract, fate, stored } of findOpenedClients(source, code)) {
      const repetition = stored ? undefined : repetitionOf(call);
      // Why: a loop may fill a pool; a handler that hands its client on still opens one for each request.
      const poolFilled = repetition !== "for each request" && fate === "kept";
      if (repetition !== undefined && !poolFilled) {
        report(
          call,
          `this opens a client of ${contract.service} ${repetition}: each costs a connection, and none learns from the failures of the others. ` +
            "Open one at start, outside of handlers and loops, and use it for every call.",
        );
      }
    }
  },
};
