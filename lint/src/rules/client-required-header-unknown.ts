// SPDX-License-Identifier: Apache-2.0
import { type Option, textListOption } from "../bufplugin/option.ts";
import type { Rule } from "../bufplugin/rule.ts";
import { findListed } from "./find-listed.ts";
import { serviceRule } from "./service-rule.ts";

const allowedHeaders: Option<readonly string[]> = textListOption({
  key: "allowed_headers",
  description: "The context headers that an organisation knows; required_headers may name these only. None: any.",
  defaultValue: [],
  pattern: /^[0-9a-z_.-]+$/,
  items: 'lower-case headers such as "x-tenant-id"',
});

/** A header that callers do not know is a header that callers do not send. */
export const clientRequiredHeaderUnknown: Rule = serviceRule({
  name: "client-required-header-unknown",
  purpose: "Checks that required headers are among those that allowed_headers lists, if it lists any.",
  severity: "error",
  options: [allowedHeaders],
  check({ declared }, options) {
    const allowed = options.get(allowedHeaders);
    return findListed(declared, ["required_headers"], (header) => {
      return allowed.length === 0 || allowed.includes(header)
        ? undefined
        : `required_headers names ${header}, which callers do not know. Write one of ${allowed.join(", ")}, or add it to ` +
            "allowed_headers in buf.yaml.";
    });
  },
});
