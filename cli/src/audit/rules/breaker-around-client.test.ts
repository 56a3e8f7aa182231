// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { breakerAroundClient } from "./breaker-around-client.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";
const orders = createOrderServiceClient({ target });
`;

describe("breaker-around-client", () => {
  it.each([
    [`import CircuitBreaker from "opossum";`, "new CircuitBreaker((id) => orders.getOrder({ id }));"],
    [`import CircuitBreaker from "opossum";`, "new CircuitBreaker(orders.getOrder);"],
    [`import Brakes from "brakes";`, "new Brakes(orders.getOrder);"],
    [
      `import { circuitBreaker, handleAll } from "cockatiel";`,
      "circuitBreaker(handleAll, {}).execute(() => orders.getOrder({}));",
    ],
  ])("finds %s %s", async (line, use) => {
    const { findings } = await auditText([breakerAroundClient], `${open}${line}\n${use}`);
    expect(findings).toMatchObject([
      { line: 4, column: 1, message: expect.stringContaining("second circuit breaker") },
    ]);
  });

  it.each([
    ["a breaker around something else", `import CircuitBreaker from "opossum";`, "new CircuitBreaker(fetch);"],
    [
      "a retry",
      `import { retry, handleAll } from "cockatiel";`,
      "retry(handleAll).execute(() => orders.getOrder({}));",
    ],
  ])("leaves %s alone", async (_, line, use) => {
    expect((await auditText([breakerAroundClient], `${open}${line}\n${use}`)).places).toEqual([]);
  });
});
