// SPDX-License-Identifier: Apache-2.0
// Imported first: from then on, OpenTelemetry cannot be imported, as where it is not installed.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@opentelemetry/")) {
      throw new Error(`not installed: ${specifier}`);
    }
    return next(specifier, context);
  },
});
