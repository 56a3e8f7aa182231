// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { failureOf } from "../../../test/e2e/echo.ts";
import { serverKinds, startFixture, until } from "../../../test/scenarios/server-fixture.ts";
import { HealthCheckResponse_ServingStatus as Status } from "./gen/grpc/health/v1/health_pb.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe.each(serverKinds)("grpc.health.v1 of a server of %s", (kind) => {
  test("knows the server, its services, and the name that the contract tells clients to watch", async () => {
    await using fixture = await startFixture({ kind, contract: 'health_check { service_name: "echo-group" }' });
    await fixture.ready();
    const health = fixture.health();
    for (const service of ["", "echo.v1.Echo", "echo-group"]) {
      expect(await health.check({ service })).toMatchObject({ status: Status.SERVING });
    }
    expect(await failureOf(health.check({ service: "echo.v2.Echo" }))).toMatchObject({
      code: Code.NotFound,
      rawMessage: 'this server has no service "echo.v2.Echo"',
    });
    expect(await health.list({})).toMatchObject({
      statuses: {
        "": { status: Status.SERVING },
        "echo.v1.Echo": { status: Status.SERVING },
        "echo-group": { status: Status.SERVING },
      },
    });
  });

  test("tells those who watch what changes, and only that", async () => {
    await using fixture = await startFixture({ kind });
    await fixture.ready();
    const seen: string[] = [];
    const watches = ["echo.v1.Echo", "", "echo.v2.Echo"].map(async (service) => {
      for await (const { status } of fixture.health().watch({ service })) {
        seen.push(`${service || "server"} ${status}`);
      }
    });
    await until(() => seen.length === 3);
    const { health } = fixture.server;
    health.set("echo.v1.Echo", "SERVING");
    health.set("echo.v1.Echo", "NOT_SERVING");
    await until(() => seen.length === 4);
    health.set("echo.v1.Echo", "SERVING");
    await until(() => seen.length === 5);
    const ends = Promise.all(watches.map((watch) => failureOf(watch)));
    await fixture.server.drain();
    expect(await ends).toMatchObject(Array(3).fill({ code: Code.Unavailable, rawMessage: "the server is going away" }));
    expect(seen.slice(0, 3).sort()).toEqual(["echo.v1.Echo 1", "echo.v2.Echo 3", "server 1"]);
    expect(seen.slice(3, 5)).toEqual(["echo.v1.Echo 2", "echo.v1.Echo 1"]);
    expect(seen.slice(5).sort()).toEqual(["echo.v1.Echo 2", "server 2"]);
  });

  test("refuses a status for a service that the server does not have", async () => {
    await using fixture = await startFixture({ kind });
    expect(() => fixture.server.health.set("echo", "SERVING")).toThrow(
      'the server has no service "echo", only "", "echo.v1.Echo"',
    );
  });
});
