// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { retryAroundClient } from "./retry-around-client.ts";

const open = `import { createOrderServiceClient } from "./gen/orders_client.ts";
const orders = createOrderServiceClient({ target });
`;

describe("retry-around-client", () => {
  it.each([
    [`import pRetry from "p-retry";`, "await pRetry(() => orders.getOrder({}));"],
    [`import retry from "async-retry";`, "await retry(async () => { await orders.getOrder({}); });"],
    [`import { retryAsync } from "ts-retry";`, "await retryAsync(() => orders.getOrder({}), { maxTry: 3 });"],
    [`import { backOff } from "exponential-backoff";`, "await backOff(() => orders.getOrder({}));"],
    [`import { retry, handleAll } from "cockatiel";`, "await retry(handleAll).execute(() => orders.getOrder({}));"],
    [`import promiseRetry from "promise-retry";`, "await promiseRetry((again) => orders.getOrder({}).catch(again));"],
  ])("finds %s", async (line, use) => {
    const { findings } = await auditText([retryAroundClient], `${open}${line}\n${use}`);
    expect(findings).toMatchObject([{ line: 4, column: 7, message: expect.stringContaining("attempts multiply") }]);
  });

  it("follows a policy to its library, and a name to its function", async () => {
    const text = `${open}import { handleAll, retry, wrap, timeout } from "cockatiel";
const policy = wrap(timeout(1000), retry(handleAll, { maxAttempts: 3 }));
async function find() {
  return await orders.getOrder({});
}
class Finder {
  readonly #policy = policy;
  find = () => this.#policy.execute(find);
}`;
    expect((await auditText([retryAroundClient], text)).places).toEqual(["main.ts:10:16"]);
  });

  it.each([
    ["another call", `import pRetry from "p-retry";`, `await pRetry(() => fetch("https://example.org"));`],
    [
      "a call that makes one attempt",
      `import pRetry from "p-retry";\nimport { withoutRetry } from "@talaria/runtime";`,
      "await pRetry(() => orders.getOrder({}, withoutRetry()));",
    ],
    [
      "another policy of the library",
      `import { bulkhead } from "cockatiel";`,
      "await bulkhead(2).execute(() => orders.getOrder({}));",
    ],
    [
      "an error class of the library",
      `import { AbortError } from "p-retry";`,
      "throw new AbortError(await orders.getOrder({}));",
    ],
    [
      "a function of the same name",
      `import type { Options } from "p-retry";`,
      "await pRetry(() => orders.getOrder({}));",
    ],
  ])("leaves %s alone", async (_, line, use) => {
    expect((await auditText([retryAroundClient], `${open}${line}\n${use}`)).places).toEqual([]);
  });
});
