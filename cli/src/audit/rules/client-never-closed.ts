// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "../audit-rule.ts";
import { findOpenedClients, opensClient } from "../opened-client.ts";

/** Finds clients that a function opens, calls and forgets. */
export const clientNeverClosed: AuditRule = {
  name: "client-never-closed",
  purpose: "Finds clients that nobody can close any more.",
  mentions: opensClient,
  check(source, code, report) {
    for (const { call, contract, fate } of findOpenedClients(source, code)) {
      if (fate === "dropped") {
        report(
          call,
          `nothing closes this client of ${contract.service}: its connection and timers stay, and may keep the process alive. ` +
            `Write \`await using client = ${contract.create}(…)\`, or keep the client where its owner closes it with [Symbol.asyncDispose]().`,
        );
      }
    }
  },
};
