// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { auditText } from "../../../../test/support/audit-text.ts";
import { rawGrpcJsClient } from "./raw-grpc-js-client.ts";

const generatedClass = `// GENERATED CODE -- DO NOT EDIT!
import * as grpc from "@grpc/grpc-js";
export class OrderServiceClient extends grpc.Client {}
`;

describe("raw-grpc-js-client", () => {
  it.each([
    ["a namespace", `import * as grpc from "@grpc/grpc-js";\nnew grpc.Client("a:1", creds);`],
    ["a default import", `import grpc from "@grpc/grpc-js";\nnew grpc.Client("a:1", creds);`],
    ["another name", `import { Client as Raw } from "@grpc/grpc-js";\nnew Raw("a:1", creds);`],
    ["require", `const { Client } = require("@grpc/grpc-js");\nnew Client("a:1", creds);`],
    ["import = require", `import grpc = require("@grpc/grpc-js");\nnew grpc.Client("a:1", creds);`],
    ["its credentials", `import { credentials } from "@grpc/grpc-js";\nnew Whatever("a:1", credentials.createSsl());`],
    ["a constructor", `import { makeClientConstructor } from "@grpc/grpc-js";\nmakeClientConstructor({}, "Orders");`],
    [
      "a generated class",
      `import { OrderServiceClient } from "./orders_grpc_pb";\nnew OrderServiceClient("a:1", creds);`,
    ],
  ])("finds a client by %s", async (_, text) => {
    const { places } = await auditText([rawGrpcJsClient], { "main.ts": text, "orders_grpc_pb.ts": generatedClass });
    expect(places).toEqual(["main.ts:2:1"]);
  });

  it("names the generated client of the service, when there is one", async () => {
    const text = `import * as grpc from "@grpc/grpc-js";
export const orders = new shop.OrderServiceClient("a:1", grpc.credentials.createInsecure());`;
    const { findings } = await auditText([rawGrpcJsClient], text);
    expect(findings).toMatchObject([
      { message: expect.stringContaining("Write createOrderServiceClient({ target }) of orders_client.ts.") },
    ]);
  });

  it.each([
    ["a server", `import { Server } from "@grpc/grpc-js";\nnew Server();`],
    ["a class of the same name", `import { Server } from "@grpc/grpc-js";\nclass Client {}\nnew Client();`],
    [
      "an import that a parameter hides",
      `import { Client } from "@grpc/grpc-js";\nexport const f = (Client) => new Client();`,
    ],
    ["another library's client", `import { HttpClient } from "http-client";\nnew HttpClient("a:1");`],
    [
      "server credentials",
      `import { ServerCredentials } from "@grpc/grpc-js";\nnew Host(ServerCredentials.createInsecure());`,
    ],
  ])("leaves %s alone", async (_, text) => {
    expect((await auditText([rawGrpcJsClient], text)).places).toEqual([]);
  });
});
