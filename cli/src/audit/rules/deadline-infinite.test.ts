// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { deadlineInfinite } from "./deadline-infinite.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";
const orders = createOrderServiceClient({ target });
`;

describe("deadline-infinite", () => {
  it.each(["0", "-1", "Infinity", "Number.POSITIVE_INFINITY"])("finds timeoutMs %s", async (value) => {
    const { findings } = await auditText([deadlineInfinite], `${open}orders.getOrder({}, { timeoutMs: ${value} });`);
    expect(findings).toMatchObject([
      { line: 3, message: expect.stringContaining("the contract's 1500 ms still hold") },
    ]);
  });

  it.each(["Infinity", "new Date(Infinity)", "8.64e15", "Number.MAX_SAFE_INTEGER"])(
    "finds a grpc-js deadline of %s",
    async (value) => {
      const text = `import { Metadata } from "@grpc/grpc-js";\nclient.getOrder({}, { deadline: ${value} });`;
      expect((await auditText([deadlineInfinite], text)).places).toEqual(["main.ts:2:23"]);
    },
  );

  it.each([
    `${open}orders.getOrder({}, { timeoutMs: 800 });`,
    `${open}other.getOrder({}, { timeoutMs: 0 });`,
    `import { Metadata } from "@grpc/grpc-js";\nclient.getOrder({}, { deadline: Date.now() + 800 });`,
    "client.getOrder({}, { deadline: Infinity });",
  ])("leaves alone %s", async (text) => {
    expect((await auditText([deadlineInfinite], text)).places).toEqual([]);
  });
});
