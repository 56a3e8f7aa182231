// SPDX-License-Identifier: Apache-2.0
import { clientConfigOption, methodConfigOption } from "@talaria/contract";
import { type Option, textListOption } from "../bufplugin/option.ts";
import { RpcError } from "../bufplugin/pluginrpc/rpc-error.ts";
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

const requiredOptions: Option<readonly string[]> = textListOption({
  key: "required_options",
  description: "Options of the annotation that an organisation wants every method to have, from itself or its service.",
  defaultValue: [],
  pattern: /^[a-z_]+$/,
  items: 'options such as "retry_throttling"',
});

const known: readonly string[] = [clientConfigOption, methodConfigOption].flatMap(({ message }) => {
  return message?.fields.map(({ name }) => name) ?? [];
});

/** What one organisation demands beyond what the other rules do. */
export const clientOptionRequired: Rule = methodRule({
  name: "client-option-required",
  purpose: "Checks that every method of an annotated service has the options that required_options lists.",
  severity: "error",
  options: [requiredOptions],
  check({ isSet, annotated }, options) {
    const required = options.get(requiredOptions);
    const unknown = required.filter((option) => !known.includes(option));
    if (unknown.length > 0) {
      const names = [...new Set(known)].sort().join(", ");
      throw new RpcError(
        "INVALID_ARGUMENT",
        `option "required_options" lists ${unknown.join(", ")}; it can list ${names}`,
      );
    }
    const missing = required.filter((option) => !isSet(option));
    if (!annotated || missing.length === 0) {
      return undefined;
    }
    const message =
      `Not set: ${missing.join(", ")}. buf.yaml lists what every method must have in required_options. Set it here or on the ` +
      "method.";
    return { at: [], message };
  },
});
