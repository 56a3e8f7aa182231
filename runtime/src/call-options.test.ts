// SPDX-License-Identifier: Apache-2.0
import { createContextKey, createContextValues } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { isSingleAttempt, withoutRetry } from "./call-options.ts";

test("withoutRetry() keeps the other options, and leaves the caller's context values as they are", () => {
  const user = createContextKey("nobody");
  const contextValues = createContextValues().set(user, "ada");
  const options = withoutRetry({ timeoutMs: 5, contextValues });
  expect(options.timeoutMs).toBe(5);
  expect(options.contextValues?.get(user)).toBe("ada");
  expect(isSingleAttempt(options)).toBe(true);
  expect(isSingleAttempt({ contextValues })).toBe(false);
  expect(options.contextValues?.set(user, "bob").get(user)).toBe("bob");
  expect(options.contextValues?.delete(user).get(user)).toBe("nobody");
  expect(contextValues.get(user)).toBe("ada");
});

test("a call may make further attempts unless it says otherwise", () => {
  expect(isSingleAttempt({})).toBe(false);
  expect(isSingleAttempt({ contextValues: createContextValues() })).toBe(false);
  expect(isSingleAttempt(withoutRetry())).toBe(true);
});
