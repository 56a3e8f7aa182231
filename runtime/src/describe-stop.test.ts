// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { afterEach, expect, test } from "vitest";
import { failureOf } from "../../test/e2e/echo.ts";
import { openScriptedEcho } from "../../test/e2e/scripted-echo.ts";
import { captureWarnings } from "../../test/support/warnings.ts";
import { withoutRetry } from "./call-options.ts";
import { setOverrides } from "./overrides/process-overrides.ts";
import { fail } from "./testing/answer.ts";

captureWarnings("TALARIA_OVERRIDE", /^overrides (are in force .*"INC-7".*"maxAttempts":[12]|were taken back)/);
afterEach(() => void setOverrides(undefined));

const policies = { service: "response_timeout_millis: 100 retry { max_attempts: 3 initial_backoff_millis: 10 }" };

test.each([
  [1, "down (not tried again: an override of this process (INC-7) allows 1 attempt)"],
  [2, "down"],
])("an override to %i attempts is named as what stopped a call only if it did", async (maxAttempts, message) => {
  setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts }] });
  await using echo = openScriptedEcho(policies, { unary: fail(Code.Unavailable, { message: "down" }) });
  const error = await echo.clock.until(failureOf(echo.client.unary({ text: "" }, withoutRetry())));
  expect(error).toMatchObject({ reason: "status", rawMessage: message });
});
