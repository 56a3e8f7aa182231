// SPDX-License-Identifier: Apache-2.0
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { afterAll, describe, expect, test } from "vitest";
import { startFixture } from "../../scenarios/server-fixture.ts";
import { startDoctorServer } from "./doctor-server.ts";
import { startHttp2 } from "./raw-servers.ts";
import { compileShop, lineOf, openClinic, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();

describe("talaria doctor, of a server's health", () => {
  test("shows NOT_SERVING, and a name that the health service does not know", async () => {
    await using server = await startDoctorServer(shop, { health: { "": "NOT_SERVING" } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "health")).toBe(
      "✗ shop.v1.Orders NOT_FOUND: never heard of it, the server as a whole NOT_SERVING",
    );
  });

  test("does not mind a server without health service, unless the contract watches it", async () => {
    await using server = await startDoctorServer(shop);
    const plain = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(lineOf(plain, "health")).toBe("- UNIMPLEMENTED: the server has no grpc.health.v1");
    expect(plain.code).toBe(0);
    const watching = compileShop(
      shopText('transport_security { mode: PLAINTEXT } health_check { service_name: "orders" }'),
    );
    const watched = await clinic.doctor([...clinic.image(watching), server.address]);
    expect(lineOf(watched, "health")).toMatch(/^! UNIMPLEMENTED: .*; the contract watches it/);
  });
});

describe("talaria doctor, of a server of connect-node", () => {
  test("asks for its health", async () => {
    await using fixture = await startFixture({ kind: "connect-node" });
    await fixture.ready();
    const address = `127.0.0.1:${fixture.port()}`;
    const result = await clinic.doctor(["--plaintext", "--service", "echo.v1.Echo", address]);
    expect([result.code, lineOf(result, "health"), lineOf(result, "contract")]).toEqual([
      0,
      "✓ echo.v1.Echo SERVING, the server as a whole SERVING",
      expect.stringMatching(/^- the server offers no reflection/),
    ]);
    expect(fixture.served).toBe(0);
  });

  test("does not take a service that it does not have for a broken server", async () => {
    await using server = await startHttp2(connectNodeAdapter({ routes: () => {} }));
    const result = await clinic.doctor(["--plaintext", server.address]);
    expect([result.code, lineOf(result, "health")]).toEqual([
      0,
      "! HTTP 404: the server has no grpc.health.v1, or knows no gRPC at all",
    ]);
  });
});
