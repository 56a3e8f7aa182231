// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/run-command.ts";

/**
 * Writes a code base: of ten files, seven are business code, one calls a guarded client, one is a route, and one makes a
 * Connect client that has a contract. `src/gen/` holds what is generated for the orders of the shop.
 *
 * @returns how many clients go around the contract.
 */
export function synthesiseCode(folder: string, files: number): number {
  cpSync(join(root, "generated/shop/orders/v1"), join(folder, "src/gen"), { recursive: true });
  let raw = 0;
  for (let index = 0; index < files; index++) {
    const area = join(folder, `src/area-${Math.floor(index / 50)}`);
    mkdirSync(area, { recursive: true });
    writeFileSync(join(area, `part-${index}.ts`), `${head(index)}${business(index)}`);
    raw += index % 10 === 9 ? 1 : 0;
  }
  return raw;
}

function head(index: number): string {
  switch (index % 10) {
    case 7:
      return `import type { OrderServiceClient } from "../gen/orders_client.js";
export async function find${index}(orders: OrderServiceClient, orderId: string) {
  return await orders.getOrder({ orderId }, { timeoutMs: 500 });
}
`;
    case 8:
      return `import { createOrderServiceClient } from "../gen/orders_client.js";
const orders = createOrderServiceClient({ target: "dns:///orders:50051" });
app.get("/orders/${index}", async (request, reply) => reply.send(await orders.getOrder({ orderId: request.id })));
`;
    case 9:
      return `import { createClient } from "@connectrpc/connect";
import { OrderService } from "../gen/orders_pb.js";
import { transport } from "../transport.js";
export const orders${index} = createClient(OrderService, transport);
`;
    default:
      return `import { price${index} } from "./part-${index + 1}.js";\n`;
  }
}

/** About 120 lines, as files of applications are. */
function business(index: number): string {
  const functions = Array.from(
    { length: 10 },
    (_, part) => `
/** Adds the dishes of a table up, and takes off what the house gives. */
export function total${index}of${part}(dishes: readonly { readonly price: number; readonly count: number }[]): number {
  let sum = 0;
  for (const { price, count } of dishes) {
    sum += price * count;
  }
  if (sum > ${part * 100}) {
    return Math.round(sum * 0.9);
  }
  return sum;
}
`,
  );
  return functions.join("");
}
