// SPDX-License-Identifier: Apache-2.0
import { contractOf } from "@talaria/runtime";
import { serve, serviceDefinition } from "@talaria/runtime/server";
import { afterAll, describe, expect, test } from "vitest";
import { startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, type Shop, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();

describe("talaria doctor, of a server of serve() that reflects itself", () => {
  test.each([
    ["as the .proto says", shop, "✓ shop.v1.Orders is what the .proto says: 2 methods, their messages and options"],
    [
      "of another contract",
      compileShop(shopText().replace("800", "900")),
      "! shop.v1.Orders is not what the .proto says, in 2 points",
    ],
  ])("finds it %s", async (_, { service }, line) => {
    await using server = await serve({
      contracts: [contractOf(service)],
      services: (grpc) => grpc.addService(serviceDefinition(service), {}),
      reflection: true,
      host: "127.0.0.1",
      port: 0,
      signals: false,
    });
    const result = await clinic.doctor([...clinic.image(shop), `127.0.0.1:${await server.ready()}`]);
    expect(result.code).toBe(0);
    expect(lineOf(result, "contract")).toBe(line);
    for (const method of ["Get", "Watch"]) {
      const difference = `${method}: response_timeout_millis is 800 ms here, 900 ms on the server\n`;
      expect(result.stdout.includes(difference)).toBe(line.startsWith("!"));
    }
  });
});

describe("talaria doctor, of what a server says about itself", () => {
  test("says plainly that there is no reflection", async () => {
    await using server = await startDoctorServer(shop);
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(lineOf(result, "contract")).toBe(
      "- the server offers no reflection, so what it serves is not known: methods are never called to find out",
    );
    expect(result.stdout).toMatch(/\n\nnothing is wrong, but the contract was not compared, in \d+/);
  });

  test("lists in what the server's service differs, asked in the older protocol", async () => {
    const newer = compileShop(
      shopText("transport_security { mode: PLAINTEXT }")
        .replace("int32 amount", "string amount")
        .replace("800", "900")
        .replace("rpc Watch(Order) returns (stream Order);", "rpc Put(Order) returns (Order);"),
    );
    await using server = await startDoctorServer(shop, { reflection: { version: "v1alpha", shop: newer } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "contract")).toMatch(/^✗ shop\.v1\.Orders is not what the \.proto says, in \d points$/);
    for (const line of [
      "Get: shop.v1.Order.amount = 2 is int32 here, string on the server",
      "Watch: the server does not have this method; calls fail with UNIMPLEMENTED",
      "Put: the server has this method, the .proto does not",
      "Get: response_timeout_millis is 800 ms here, 900 ms on the server",
    ]) {
      expect(result.stdout).toContain(`${line}\n`);
    }
  });

  test("says that the server is another one", async () => {
    await using server = await startDoctorServer(shop, {
      reflection: { version: "v1", shop, lists: ["mail.v1.Post"] },
    });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect([result.code, lineOf(result, "contract")]).toEqual([1, "✗ the server does not have shop.v1.Orders"]);
    expect(result.stdout).toContain("the server has mail.v1.Post\n");
  });

  test("says that a descriptor is incomplete", async () => {
    const lacking: Shop = {
      ...shop,
      descriptors: { ...shop.descriptors, file: shop.descriptors.file.filter(({ name }) => name === "shop.proto") },
    };
    await using server = await startDoctorServer(shop, { reflection: { version: "v1", shop: lacking } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect([result.code, lineOf(result, "contract")]).toEqual([
      0,
      "! reflection does not tell: asked for service_client_config.proto, the server answered: " +
        "service_client_config.proto is not here",
    ]);
  });
});
