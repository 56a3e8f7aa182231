// SPDX-License-Identifier: Apache-2.0
import { describe, test } from "vitest";
import { discoveryScenarios } from "./scenarios.ts";
import { formatFindings } from "./support/scenario.ts";
import { tooManyPings } from "./too-many-pings.ts";

describe("the short form of every scenario passes", () => {
  test.each([...discoveryScenarios, tooManyPings].map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    async (_, scenario) => {
      const findings = await scenario.run("short");
      if (findings.length === 0 || findings.some(({ passed }) => !passed)) {
        throw new Error(formatFindings(scenario, findings));
      }
    },
  );
});
