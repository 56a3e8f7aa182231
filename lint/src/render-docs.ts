// SPDX-License-Identifier: Apache-2.0
import type { Option } from "./bufplugin/option.ts";
import { optionsOf, type PluginSpec } from "./bufplugin/plugin-spec.ts";
import type { Rule } from "./bufplugin/rule.ts";
import { exemptPackages } from "./rules/exempt-packages.ts";

/** The overview of all rules, `docs/rules/README.md`. */
export function renderOverview(spec: PluginSpec): string {
  const lint = spec.rules.filter(({ type }) => type === "lint");
  const breaking = spec.rules.filter(({ type }) => type === "breaking");
  return `# Rules

What \`${spec.name}\` checks. Made from the rules themselves: \`npx vitest run lint -u\` writes it anew.

The examples of the pages leave out the head of the file: its syntax, package \`shop.v1\`, the import of
\`service_client_config.proto\` and the messages.

## buf lint

${renderRuleTable(lint)}
## buf breaking

${renderRuleTable(breaking)}
## Options

Set in \`buf.yaml\`, under \`plugins[].options\`. An option that does not exist, or a value that does not fit, makes buf
fail. buf itself refuses \`false\`, \`0\`, \`""\` and \`[]\` there: leave the option out instead.

${renderOptionTable(optionsOf(spec))}`;
}

/** The section "Options" of a rule's page: its own options, without those that all rules have. */
export function renderOptions({ options }: Rule): string {
  const own = options.filter((option) => option !== exemptPackages);
  const rest = "[Those of every rule](README.md#options).\n";
  return own.length === 0 ? rest : `${renderOptionTable(own)}\nAnd [those of every rule](README.md#options).\n`;
}

/** The section "Disabling" of a rule's page. */
export function renderDisabling({ id, type }: Rule): string {
  if (type === "breaking") {
    return `For one change, in \`buf.yaml\`, with the reason; remove it once the change is released. buf honours no comments for
breaking rules.

\`\`\`yaml
breaking:
  ignore_only:
    # All callers were moved to the new contract on 1 March.
    ${id}:
      - shop/v1/orders.proto
\`\`\`
`;
  }
  return `Above the service or the method, with the reason. buf does not honour such a comment inside an option.

\`\`\`proto
// Called by the nightly batch only, which supervises itself.
// buf:lint:ignore ${id}
\`\`\`
`;
}

function renderRuleTable(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, categories, isDefault, purpose }) => {
    return `| [${id}](${id}.md) | ${categories.join(", ")} | ${isDefault ? "yes" : "no"} | ${purpose} |`;
  });
  return rows.length === 0
    ? "None.\n"
    : `| Rule | Category | By default | Purpose |\n|---|---|---|---|\n${rows.sort().join("\n")}\n`;
}

function renderOptionTable(options: readonly Option<unknown>[]): string {
  const rows = options.map(({ key, description, defaultValue, expects }) => {
    return `| \`${key}\` | ${expects} | ${renderDefault(defaultValue)} | ${description} |`;
  });
  return `| Option | Value | Default | Meaning |\n|---|---|---|---|\n${rows.sort().join("\n")}\n`;
}

function renderDefault(value: unknown): string {
  return Array.isArray(value) && value.length === 0 ? "none" : `\`${JSON.stringify(value)}\``;
}
