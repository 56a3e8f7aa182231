// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { clientNeverClosed } from "./client-never-closed.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";\n`;
const create = "createOrderServiceClient({ target })";

describe("client-never-closed", () => {
  it.each([
    ["a function that forgets it", `async function main() { const orders = ${create}; await orders.getOrder({}); }`],
    ["a call on the spot", `const { order } = await ${create}.getOrder({});`],
    ["a client that nobody takes", `${create};`],
  ])("finds %s", async (_, text) => {
    const { places } = await auditText([clientNeverClosed], `${open}${text}`);
    expect(places).toEqual([`main.ts:2:${text.indexOf("createOrder") + 1}`]);
  });

  it.each([
    ["await using", `async function main() { await using orders = ${create}; await orders.getOrder({}); }`],
    [
      "disposal",
      `async function main() { const orders = ${create}; try { await orders.getOrder({}); } finally { await orders[Symbol.asyncDispose](); } }`,
    ],
    [
      "a stack",
      `async function main() { await using stack = new AsyncDisposableStack(); const orders = stack.use(${create}); await orders.getOrder({}); }`,
    ],
    ["a module", `const orders = ${create};\nexport const find = () => orders.getOrder({});`],
    ["what is returned", `function open() { const orders = ${create}; return orders; }`],
    ["what is part of a result", `function open() { const orders = ${create}; return { orders }; }`],
    ["what is handed over", `function main() { const orders = ${create}; serve(orders); }`],
    ["what a function keeps", `function main() { const orders = ${create}; app.get("/", () => orders.getOrder({})); }`],
    ["a property", `class Kitchen { readonly #orders = ${create}; }`],
    [
      "a guard, which opens nothing",
      `import { guard } from "@talaria/runtime";\nimport { orderServiceContract } from "./gen/orders_client.ts";\nawait guard(transport, orderServiceContract).getOrder({});`,
    ],
  ])("leaves %s alone", async (_, text) => {
    expect((await auditText([clientNeverClosed], `${open}${text}`)).places).toEqual([]);
  });
});
