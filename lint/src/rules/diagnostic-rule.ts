// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import type { Severity } from "./rule-id.ts";
import { serviceRule } from "./service-rule.ts";

/** A rule that passes on what the contract package finds, which also keeps the contract from being generated. */
export interface DiagnosticRuleInit {
  /** The code of the diagnostic; the rule's name is `client-` and this. */
  readonly code: string;
  /** As {@link Rule.purpose}. */
  readonly purpose: string;
  /** As the contract package has it: its errors are errors, its warnings advice. */
  readonly severity: Severity;
}

/** A lint rule for one kind of diagnostic of the contract package. */
export function diagnosticRule({ code, purpose, severity }: DiagnosticRuleInit): Rule {
  return serviceRule({
    name: `client-${code}`,
    purpose,
    severity,
    check({ diagnostics }) {
      return diagnostics
        .filter((diagnostic) => diagnostic.code === code)
        .map(({ message, location }) => ({ at: location, message }));
    },
  });
}
