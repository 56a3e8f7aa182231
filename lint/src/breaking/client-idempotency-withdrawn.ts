// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { isIdempotent, retries } from "../rules/idempotency.ts";
import { pairMethods, serviceChangeRule } from "./change-rule.ts";

/** Callers built before go on trying again what must not be executed twice now. */
export const clientIdempotencyWithdrawn: Rule = serviceChangeRule({
  name: "client-idempotency-withdrawn",
  purpose: "Checks that a method that callers try again does not stop being idempotent.",
  check(change) {
    return pairMethods(change).flatMap(({ method, former, policies: { before, after } }) => {
      const repeated = retries(before) || before.hedging !== undefined;
      const message =
        `${method.name} was ${before.idempotencyLevel} and says nothing now, while callers built before still make its calls ` +
        `again: up to ${Math.max(before.retry?.maxAttempts ?? 1, before.hedging?.maxAttempts ?? 1)} attempts. Put ` +
        "idempotency_level back; if executing it twice does harm now, switch retry off first, with a change of its own.";
      const withdrawn = isIdempotent(before) && !isIdempotent(after) && repeated;
      return withdrawn ? [{ at: method, against: former, message }] : [];
    });
  },
});
