// SPDX-License-Identifier: Apache-2.0
import type { PluginSpec } from "./bufplugin/plugin-spec.ts";
import { clientConfigRequired } from "./rules/client-config-required.ts";
import { categoryIds } from "./rules/rule-id.ts";

/** Every rule and category of buf-plugin-talaria. */
export const spec: PluginSpec = {
  name: "buf-plugin-talaria",
  documentation: "Rejects services whose client configuration is missing or dangerous.",
  license: { spdxId: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  categories: [
    {
      id: categoryIds.error,
      purpose:
        "Checks that clients of a service cannot wait forever, retry what must not be retried or hide a failure.",
    },
  ],
  rules: [clientConfigRequired],
};
