// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vitest/config";

const conditions = ["talaria-source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        // Pure functions: they can share a worker, which saves importing everything for each of a hundred files.
        test: { name: "pure", include: ["{contract,plugin,lint,cli}/src/**/*.test.ts"], isolate: false },
      },
      {
        extends: true,
        test: { name: "runtime", include: ["runtime/src/**/*.test.ts"] },
      },
      {
        extends: true,
        test: { name: "e2e", include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
