// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";
import { suggestConfig } from "./suggest-config.ts";

/** A service that says nothing about its clients leaves every one of them to guess. */
export const clientConfigRequired: Rule = serviceRule({
  name: "client-config-required",
  purpose: "Checks that every service says how its clients must behave.",
  severity: "error",
  check({ service, annotated }) {
    const message =
      `${service.typeName} does not say how its clients must behave, so each of them waits without a limit and ` +
      'makes up its own retries. Write import "service_client_config.proto"; at the top, and in the service, with numbers ' +
      `of your own: ${suggestConfig(service)}`;
    return annotated ? [] : [{ at: service, message }];
  },
});
