// SPDX-License-Identifier: Apache-2.0

/** An option of this plugin, beside those of every ECMAScript plugin (`target`, `import_extension` and so on). */
interface OptionSpec {
  /** What it decides. */
  readonly purpose: string;
  /** Its values, and what each means. */
  readonly values: Readonly<Record<string, string>>;
  /** The value that holds while nobody sets it. */
  readonly fallback: string;
}

/** The only list of options: parser, error texts and documentation come from here. */
const optionTable = {
  service_config_name: {
    purpose: "How the gRPC service config of a service is named.",
    values: {
      simple: "`GreetingService.grpc_service_config.json`",
      full: "`acme.greeting.v1.GreetingService.grpc_service_config.json`",
    },
    fallback: "simple",
  },
  contract_page: {
    purpose: "Whether the contract of a service is written as a page for its callers, and how.",
    values: {
      none: "no page",
      markdown: "`GreetingService.contract.md`, to read",
      json: "`GreetingService.contract.json`, the same as data",
      both: "both",
    },
    fallback: "none",
  },
  dns_txt: {
    purpose: "Whether the service config is written as DNS TXT records, too.",
    values: {
      none: "no records",
      zone: "`GreetingService.grpc_config.zone`, to be included in a zone file",
    },
    fallback: "none",
  },
} as const satisfies Record<string, OptionSpec>;

type OptionTable = typeof optionTable;

/** The value of every option. */
export type PluginOptions = { readonly [Name in keyof OptionTable]: keyof OptionTable[Name]["values"] };

/**
 * Reads the options that protoplugin does not know.
 *
 * @throws Error when an option or a value is unknown, naming those that are not.
 */
export function parseOptions(raw: readonly { readonly key: string; readonly value: string }[]): PluginOptions {
  const values = new Map<string, string>(Object.entries(optionTable).map(([name, { fallback }]) => [name, fallback]));
  for (const { key, value } of raw) {
    const spec = specOf(key);
    if (spec === undefined) {
      throw new Error(`there is no option ${key}. Options are ${[...ecmaScriptOptions, ...values.keys()].join(", ")}.`);
    }
    if (!Object.hasOwn(spec.values, value)) {
      throw new Error(`${key} cannot be "${value}". Write ${Object.keys(spec.values).join(" or ")}.`);
    }
    values.set(key, value);
  }
  return Object.fromEntries(values) as PluginOptions;
}

/** The options as a Markdown table, for the documentation. */
export function documentOptions(): string {
  const rows = Object.entries(optionTable).map(([name, spec]) => {
    const values = Object.entries(spec.values).map(
      ([value, meaning]) => `\`${value}\`${value === spec.fallback ? " (default)" : ""}: ${meaning}`,
    );
    return `| \`${name}\` | ${spec.purpose} | ${values.join("<br>")} |`;
  });
  return ["| option | what it decides | values |", "|---|---|---|", ...rows].join("\n");
}

function specOf(name: string): OptionSpec | undefined {
  return Object.entries<OptionSpec>(optionTable).find(([known]) => known === name)?.[1];
}

const ecmaScriptOptions = [
  "target",
  "import_extension",
  "js_import_style",
  "keep_empty_files",
  "ts_nocheck",
  "elide_plugin_version",
  "rewrite_imports",
  "map_imports",
] as const;
