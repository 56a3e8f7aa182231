// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { clientPerRequest } from "./client-per-request.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";\n`;
const use = "await using orders = createOrderServiceClient({ target }); await orders.getOrder({});";

describe("client-per-request", () => {
  it.each([
    ["a route", `app.get("/orders", async () => { ${use} });`],
    ["a middleware", `app.use(async () => { ${use} });`],
    ["a service", `router.service(Kitchen, { async cook() { ${use} } });`],
    ["a method of a service", `router.rpc(Kitchen.method.cook, async () => { ${use} });`],
    ["an event", `server.on("request", async () => { ${use} });`],
    ["its parameters", `export async function handle(req, res) { ${use} }`],
    ["a gRPC handler", `export const cook = async (call, callback) => { ${use} };`],
    ["its type", `async function cook(request: CookRequest, { signal }: HandlerContext) { ${use} }`],
    [
      "the interface of its class",
      `class Kitchen implements ServiceImpl<typeof KitchenService> { async cook() { ${use} } }`,
    ],
    ["the type of its object", `const kitchen: ServiceImpl<typeof KitchenService> = { async cook() { ${use} } };`],
    ["a decorator", `class Kitchen { @Get() async cook() { ${use} } }`],
    ["a framework's export", `export async function GET() { ${use} }`],
  ])("knows a handler by %s", async (_, text) => {
    const { findings } = await auditText([clientPerRequest], `${open}${text}`);
    expect(findings).toMatchObject([{ line: 2, message: expect.stringContaining("for each request") }]);
  });

  it.each([
    ["for (const id of ids)", `for (const id of ids) { ${use} }`],
    [
      "a client that is closed by hand",
      "do { const orders = createOrderServiceClient({ target }); await orders.getOrder({}); await orders[Symbol.asyncDispose](); } while (more);",
    ],
    ["while", `while (running) { ${use} }`],
    ["map", `await Promise.all(ids.map(async (id) => { ${use} }));`],
  ])("finds it in a loop: %s", async (_, text) => {
    const { findings } = await auditText([clientPerRequest], `${open}async function work() { ${text} }`);
    expect(findings).toMatchObject([{ line: 2, message: expect.stringMatching(/loop|collection/) }]);
  });

  it("follows a handler to the function that it calls", async () => {
    const text = `${open}
const open = () => createOrderServiceClient({ target });
async function find(id) { const orders = open(); return await orders.getOrder({ id }); }
app.get("/", async (c) => c.json(await find("4711")));`;
    expect((await auditText([clientPerRequest], text)).places).toEqual(["main.ts:3:20"]);
  });

  it.each([
    ["a module", `const orders = createOrderServiceClient({ target });\napp.get("/", () => orders.getOrder({}));`],
    ["a main function", `export async function main() { ${use} }`],
    ["a factory", "export function createClients() { return { orders: createOrderServiceClient({ target }) }; }"],
    [
      "a constructor",
      "class Kitchen { constructor(req, res) { this.orders = createOrderServiceClient({ target }); } }",
    ],
    ["a test", `it("works", async () => { ${use} });`],
    [
      "what is opened once",
      "let orders;\napp.get('/', () => (orders ??= createOrderServiceClient({ target })).getOrder({}));",
    ],
    [
      "a cache",
      "app.get('/', (c) => { const orders = createOrderServiceClient({ target: c.to }); clients.set(c.to, orders); });",
    ],
    [
      "one for each target",
      "for (const target of targets) { clients[target] = createOrderServiceClient({ target }); }",
    ],
    ["one after the other", `async function work() { for (const target of targets) { ${use} } }`],
    ["one for each element", "export const clients = targets.map((target) => createOrderServiceClient({ target }));"],
    [
      "a pool",
      "for (let i = 0; i < 3; i++) { const orders = createOrderServiceClient({ target }); pool.push(orders); }",
    ],
    ["a registration at start", `app.get("orders", createOrderServiceClient({ target }));`],
  ])("leaves %s alone", async (_, text) => {
    expect((await auditText([clientPerRequest], `${open}${text}`)).places).toEqual([]);
  });
});
