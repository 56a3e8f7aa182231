// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../test/support/audit-text.ts";
import { unguardedConnectClient } from "./rules/unguarded-connect-client.ts";

async function fix(files: string | Record<string, string>): Promise<string | undefined> {
  return (await auditText([unguardedConnectClient], files)).fixed["main.ts"];
}

describe("guardClients()", () => {
  it("keeps the transport and everything around it", async () => {
    const text = `// What we call.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { OrderService } from "./gen/orders_pb.js";

export const orders = createClient(
  OrderService,   // ours
  createGrpcTransport({ baseUrl }), // theirs
);
`;
    expect(await fix(text)).toBe(`// What we call.
import { guard } from "@talaria/runtime";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { orderServiceContract } from "./gen/orders_client.js";

export const orders = guard(
  createGrpcTransport({ baseUrl }),   // ours
  orderServiceContract, // theirs
);
`);
  });

  it("takes out only what nothing uses, and writes as the file does", async () => {
    const text = `import {createClient, type Client} from '@connectrpc/connect'
import {OrderState, OrderService} from './gen/orders_pb'
const one = createClient(OrderService, a)
const two: Client<typeof OrderService> = createClient(OrderService, b)
export {one, two, OrderState}
`;
    expect(await fix(text)).toBe(`import {type Client} from '@connectrpc/connect'
import {guard} from '@talaria/runtime'
import {OrderState, OrderService} from './gen/orders_pb'
import {orderServiceContract} from './gen/orders_client'
const one = guard(a, orderServiceContract)
const two: Client<typeof OrderService> = guard(b, orderServiceContract)
export {one, two, OrderState}
`);
  });

  it("joins imports that are there, by the names that they have", async () => {
    const text = `import { createClient as open } from "@connectrpc/connect";
import { guard as protect } from "@talaria/runtime";
import {
  createOrderServiceClient,
} from "./gen/orders_client.ts";
import { OrderService } from "./gen/orders_pb.ts";

export const all = [open(OrderService, t), protect(u, c), createOrderServiceClient(o)];
`;
    expect(await fix(text)).toBe(`import { guard as protect } from "@talaria/runtime";
import {
  createOrderServiceClient, orderServiceContract,
} from "./gen/orders_client.ts";

export const all = [protect(t, orderServiceContract), protect(u, c), createOrderServiceClient(o)];
`);
  });

  it("keeps the line ends of the file", async () => {
    const text = `import { createClient } from "@connectrpc/connect";\r\nimport { OrderService, type Order } from "./gen/orders_pb.ts";\r\ncreateClient(OrderService, t);\r\n`;
    expect(await fix(text)).toBe(
      `import { guard } from "@talaria/runtime";\r\nimport { type Order } from "./gen/orders_pb.ts";\r\nimport { orderServiceContract } from "./gen/orders_client.ts";\r\nguard(t, orderServiceContract);\r\n`,
    );
  });

  it("imports the contract from where the service comes from, or else from its own file", async () => {
    const main = (from: string): string =>
      `import { createClient } from "@connectrpc/connect";\nimport { OrderService } from "${from}";\ncreateClient(OrderService, t);\n`;
    const both = `export * from "../gen/orders_pb.ts";\nexport * from "../gen/orders_client.ts";\n`;
    const one = `export * from "../gen/orders_pb.ts";\n`;
    expect(await fix({ "main.ts": main("./api/index.ts"), "api/index.ts": both })).toContain('from "./api/index.ts"');
    expect(await fix({ "main.ts": main("./api/index.ts"), "api/index.ts": one })).toContain(
      'from "./gen/orders_client.ts"',
    );
  });

  it("leaves a file alone that means something else by guard", async () => {
    const text = `import { createClient } from "@connectrpc/connect";
import { OrderService } from "./gen/orders_pb.js";
function guard() {}
export const orders = createClient(OrderService, guard());
`;
    expect(await fix(text)).toBeUndefined();
  });

  it("leaves calls alone that are more than plain", async () => {
    const text = `import { createClient, createCallbackClient } from "@connectrpc/connect";
import { OrderService } from "./gen/orders_pb.js";
createClient<typeof OrderService>(OrderService, t);
createCallbackClient(OrderService, t);
`;
    expect(await fix(text)).toBeUndefined();
  });
});
