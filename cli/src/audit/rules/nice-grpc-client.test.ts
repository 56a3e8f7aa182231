// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { niceGrpcClient } from "./nice-grpc-client.ts";

describe("nice-grpc-client", () => {
  it.each([
    ["a client", `import { createClient } from "nice-grpc";\ncreateClient(Orders, channel);`],
    [
      "a factory",
      `import { createClientFactory } from "nice-grpc";\ncreateClientFactory().use(retry).create(Orders, channel);`,
    ],
    [
      "a client, and not its channel",
      `import * as nice from "nice-grpc";\nnice.createClient(Orders, nice.createChannel("a:1"));`,
    ],
    ["a channel that is used elsewhere", `import { createChannel } from "nice-grpc";\ncreateChannel("a:1");`],
  ])("finds %s", async (_, text) => {
    expect((await auditText([niceGrpcClient], text)).places).toEqual(["main.ts:2:1"]);
  });

  it("names the generated client of the service, when there is one", async () => {
    const text = `import { createClient } from "nice-grpc";\ncreateClient(OrderServiceDefinition, channel);`;
    const { findings } = await auditText([niceGrpcClient], text);
    expect(findings).toMatchObject([
      { message: expect.stringContaining("Write createOrderServiceClient({ target })") },
    ]);
  });

  it("leaves servers alone", async () => {
    const text = `import { createServer } from "nice-grpc";\ncreateServer();`;
    expect((await auditText([niceGrpcClient], text)).places).toEqual([]);
  });
});
