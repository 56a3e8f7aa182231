// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { unguardedConnectClient } from "./unguarded-connect-client.ts";

const connect = `import { createClient } from "@connectrpc/connect";`;
const call = "export const orders = createClient(OrderService, transport);";

describe("unguarded-connect-client", () => {
  it.each([
    ["beside the messages", { "main.ts": `${connect}\nimport { OrderService } from "./gen/orders_pb.js";\n${call}` }],
    ["without an extension", { "main.ts": `${connect}\nimport { OrderService } from "./gen/orders_pb";\n${call}` }],
    [
      "through modules that export it again",
      {
        "main.ts": `${connect}\nimport { OrderService } from "./api";\n${call}`,
        "api/index.ts": `export * from "./orders";`,
        "api/orders.ts": `export { OrderService } from "../gen/orders_pb";`,
      },
    ],
    [
      "through the paths of tsconfig.json",
      {
        "main.ts": `${connect}\nimport { OrderService } from "#api/orders_pb";\n${call}`,
        "tsconfig.json": `{ "compilerOptions": { "module": "esnext", "moduleResolution": "bundler", "paths": { "#api/*": ["./gen/*"] } } }`,
      },
    ],
  ])("finds the contract %s", async (_, files) => {
    expect((await auditText([unguardedConnectClient], files)).places).toEqual(["main.ts:3:23"]);
  });

  it("says what to write instead", async () => {
    const text = `${connect}\nimport { OrderService } from "./gen/orders_pb.js";\n${call}`;
    const { findings } = await auditText([unguardedConnectClient], text);
    expect(findings[0]?.message).toMatchInlineSnapshot(
      `"createClient goes around the contract of shop.orders.v1.OrderService: its calls have no deadline, no safe retry and no circuit breaker. Write createOrderServiceClient({ target }) of orders_client.ts; where the transport must stay, guard(transport, orderServiceContract), which --fix writes."`,
    );
  });

  it("finds a namespace's service and the callback client, which --fix leaves alone", async () => {
    const text = `import * as connect from "@connectrpc/connect";
import * as pb from "./gen/orders_pb.js";
connect.createCallbackClient(pb.OrderService, transport);
connect.createClient(pb.OrderService, transport);`;
    const { places, fixed } = await auditText([unguardedConnectClient], text);
    expect(places).toEqual(["main.ts:3:1", "main.ts:4:1"]);
    expect(fixed).toEqual({});
  });

  it.each([
    ["a service without a contract", `import { OrderService } from "./other_pb.js";`],
    ["a message of a service with one", `import { Order as OrderService } from "./gen/orders_pb.js";`],
  ])("leaves %s alone", async (_, line) => {
    const files = { "main.ts": `${connect}\n${line}\n${call}`, "other_pb.ts": "export const OrderService = {};" };
    expect((await auditText([unguardedConnectClient], files)).places).toEqual([]);
  });
});
