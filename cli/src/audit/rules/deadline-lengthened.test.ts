// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { deadlineLengthened } from "./deadline-lengthened.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";
const orders = createOrderServiceClient({ target });
`;

describe("deadline-lengthened", () => {
  it.each([
    "await orders.getOrder({}, { timeoutMs: 1501 });",
    "await orders.getOrder({}, { timeoutMs: 60 * 1000 });",
    "await orders.getOrder({}, { timeoutMs: (2_000) });",
    "await orders.watchOrder({}, { timeoutMs: 7_200_001 });",
  ])("finds %s", async (line) => {
    const { places } = await auditText([deadlineLengthened], `${open}${line}`);
    expect(places).toEqual([`main.ts:3:${line.indexOf("timeoutMs") + 1}`]);
  });

  it.each([
    "await orders.getOrder({}, { timeoutMs: 1500 });",
    "await orders.placeOrder({}, { timeoutMs: 2000 });",
    "await orders.watchOrder({}, { timeoutMs: 60_000 });",
    "await orders.getOrder({}, { timeoutMs: settings.timeoutMs });",
    "await orders.getOrder({}, { timeoutMs: Infinity });",
    "await other.getOrder({}, { timeoutMs: 60_000 });",
    "let timeoutMs = 60_000;\nawait orders.getOrder({}, { timeoutMs });",
  ])("leaves alone %s", async (line) => {
    expect((await auditText([deadlineLengthened], `${open}${line}`)).places).toEqual([]);
  });

  it("knows a client by its type, and a constant of another file", async () => {
    const { findings } = await auditText([deadlineLengthened], {
      "main.ts": `import type { OrderServiceClient } from "./gen/orders_client.ts";
import { timeoutMs } from "./settings.ts";
import { withoutRetry } from "@talaria/runtime";
export class Kitchen {
  constructor(private readonly orders: OrderServiceClient | undefined) {}
  async find(orderId: string) {
    await this.orders?.getOrder({ orderId }, withoutRetry({ timeoutMs }));
  }
}`,
      "settings.ts": "export const timeoutMs = 20_000;\nexport function openClient() {}",
    });
    expect(findings).toMatchObject([{ line: 7, message: expect.stringMatching(/asks for 20000 ms.*after 1500 ms/) }]);
  });

  it("knows a client that guard made, and one that another file opens", async () => {
    const { places } = await auditText([deadlineLengthened], {
      "main.ts": `import { guard } from "@talaria/runtime";
import { orderServiceContract } from "./gen/orders_client.ts";
import { orders } from "./clients.ts";
const guarded = guard(transport, orderServiceContract);
await guarded.getOrder({}, { timeoutMs: 5000 });
await orders.getOrder({}, { timeoutMs: 5000 });`,
      "clients.ts": `import { createOrderServiceClient } from "./gen/orders_client.ts";
export const orders = createOrderServiceClient({ target: "a:1" });`,
    });
    expect(places).toEqual(["main.ts:5:30", "main.ts:6:29"]);
  });
});
