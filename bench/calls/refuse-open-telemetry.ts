// SPDX-License-Identifier: Apache-2.0
// Imported before a client: from then on, OpenTelemetry cannot be.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@opentelemetry/")) {
      throw new Error(`${specifier} is not installed here`);
    }
    return next(specifier, context);
  },
});
