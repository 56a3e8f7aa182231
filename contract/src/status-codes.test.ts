// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { CodeSchema } from "./gen/service_client_config_pb.ts";
import { statusCodes } from "./status-codes.ts";

test("status codes have the names and numbers that the annotations give them", () => {
  const numbered = new Map(CodeSchema.values.map(({ name, number }) => [number, name]));
  expect(statusCodes.map((name, number) => numbered.get(number) ?? name)).toEqual([...statusCodes]);
  expect([...numbered.keys()].filter((number) => number >= statusCodes.length)).toEqual([]);
});
