// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import { expect, test } from "vitest";
import { type FailureOrigin, policyCode } from "./failure.ts";

test.each<[StatusCode, FailureOrigin, StatusCode]>([
  ["INTERNAL", "connection_lost", "UNAVAILABLE"],
  ["CANCELLED", "connection_lost", "UNAVAILABLE"],
  ["RESOURCE_EXHAUSTED", "unprocessed", "UNAVAILABLE"],
  ["CANCELLED", "attempt_timeout", "DEADLINE_EXCEEDED"],
  ["CANCELLED", "deadline", "DEADLINE_EXCEEDED"],
  ["INTERNAL", "server", "INTERNAL"],
  ["CANCELLED", "server", "CANCELLED"],
  ["CANCELLED", "cancelled", "CANCELLED"],
])("%s from %s counts as %s", (code, origin, counts) => {
  expect(policyCode(code, origin)).toBe(counts);
});
