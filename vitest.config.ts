// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { compileCache } from "./test/support/compile-cache.ts";

const conditions = ["talaria-source"];

// Most of the time goes into waiting for processes and servers: two files at once are worth it on two cores already.
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    maxWorkers,
    // For the processes that tests start.
    env: { NODE_COMPILE_CACHE: compileCache },
    // What has to be fast says so itself. This only ends what hangs, and a busy machine is no fault.
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        // Pure functions: they can share a worker, which saves importing everything for each of a hundred files.
        test: {
          name: "pure",
          include: ["{contract,plugin,lint,cli}/src/**/*.test.ts", "runtime/src/engine/**/*.test.ts"],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: "runtime", include: ["runtime/src/**/*.test.ts"], exclude: ["runtime/src/engine/**"] },
      },
      {
        extends: true,
        test: { name: "e2e", include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
