// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "./audit-rule.ts";

/** The overview of all rules, `docs/audit/README.md`. */
export function renderOverview(rules: readonly AuditRule[]): string {
  const rows = rules.map(({ name, purpose }) => `| [${name}](${name}.md) | ${purpose} |`);
  return `# Rules of talaria audit

What [\`talaria audit\`](../cli.md#audit) looks for. Made from the rules themselves: \`npx vitest run cli/src/audit -u\`
writes it anew.

In the examples, \`gen/\` holds what is generated for the orders of the shop, \`examples/shop/proto/shop/orders/v1/orders.proto\`.

| Rule | Purpose |
|---|---|
${rows.sort().join("\n")}
`;
}
