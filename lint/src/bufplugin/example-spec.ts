// SPDX-License-Identifier: Apache-2.0
import { integerOption } from "./option.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { breakingRule, lintRule } from "./rule.ts";

/** How many methods a service of the example plugin may have. */
const methodLimit = integerOption({
  key: "method_limit",
  description: "How many methods a service may have.",
  defaultValue: 2,
  minimum: 1,
  maximum: 100,
});

/** A small plugin that knows nothing but descriptors. For tests of the SDK. */
export const exampleSpec: PluginSpec = {
  name: "buf-plugin-example",
  documentation: "Checks the size of services.",
  license: { spdxId: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  categories: [{ id: "EXAMPLE", purpose: "Checks that services stay small." }],
  rules: [
    lintRule({
      id: "EXAMPLE_METHOD_LIMIT",
      purpose: "Checks that a service has few methods.",
      categories: ["EXAMPLE"],
      options: [methodLimit],
      check({ current, options }, report) {
        const limit = options.get(methodLimit);
        for (const service of current.services) {
          const method = service.methods[limit];
          if (method !== undefined) {
            report({ at: method, message: `${service.name} has ${service.methods.length} methods, not ${limit}.` });
          }
        }
      },
    }),
    breakingRule({
      id: "EXAMPLE_METHOD_KEPT",
      purpose: "Checks that no method disappears.",
      categories: ["EXAMPLE"],
      check({ current, against }, report) {
        for (const old of against.services) {
          const service = current.services.find(({ typeName }) => typeName === old.typeName);
          for (const method of old.methods) {
            if (service !== undefined && !service.methods.some(({ name }) => name === method.name)) {
              report({ at: service, against: method, message: `${service.name} lost ${method.name}.` });
            }
          }
        }
      },
    }),
  ],
};
