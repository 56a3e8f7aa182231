// SPDX-License-Identifier: Apache-2.0
import { credentials } from "@grpc/grpc-js";
import { contractOf } from "@talaria/contract";
import { expect, test, vi } from "vitest";
import { echoService } from "../../../../test/e2e/echo.ts";
import { startGrpcServer } from "../../../../test/support/grpc-server.ts";
import { connectChannel, openBalancedChannel } from "./balanced-channel.ts";

test("a channel that is asked again and again whether it is connected keeps nothing of that", async () => {
  const service = echoService({ service: "response_timeout_millis: 1000" });
  const server = await startGrpcServer(service, {} as never);
  const channel = openBalancedChannel(server.target, contractOf(service), credentials.createInsecure(), {});
  try {
    await connectChannel(channel, 10_000);
    const watching = vi.spyOn(channel, "watchConnectivityState");
    for (let i = 0; i < 5; i++) {
      await connectChannel(channel, 10_000);
    }
    expect(watching).not.toHaveBeenCalled();
  } finally {
    channel.close();
    await server.close();
  }
});
