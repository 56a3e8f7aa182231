// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, ChannelCredentials, Metadata, connectivityState as State } from "@grpc/grpc-js";
import { contractOf } from "@talaria/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { echoService } from "../../../test/e2e/echo.ts";
import { Backend } from "../../../test/scenarios/support/backend.ts";
import { connectChannel, directLineOf, openBalancedChannel } from "./balancing/balanced-channel.ts";
import { DirectCall } from "./direct-call.ts";
import { EncodedMessage } from "./prepare.ts";
import { startUnary } from "./route.ts";

const contract = contractOf(echoService({}));
const idleTimeoutMs = 1000;

let backend: Backend;
let channel: Channel;

beforeEach(async () => {
  backend = await Backend.start();
  channel = open(`dns:///${backend.address}`);
});

afterEach(async () => {
  channel.close();
  await backend[Symbol.asyncDispose]();
});

function open(target: string): Channel {
  const options = { "grpc.client_idle_timeout_ms": idleTimeoutMs };
  return openBalancedChannel(target, contract, ChannelCredentials.createInsecure(), options);
}

/** Makes a call. Answers with the way that it took, and its status code. */
async function call(from: Channel, timeoutMs = 5000): Promise<{ direct: boolean; code: number }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const request = new EncodedMessage(new Uint8Array());
  const made = startUnary(
    { channel: from, line: directLineOf(from) },
    { path: "/echo.v1.Echo/Unary", metadata: new Metadata(), request, timeoutMs },
    {
      onReceiveMetadata: () => undefined,
      onReceiveMessage: () => made.startRead(),
      onReceiveStatus: ({ code }) => resolve(code),
    },
  );
  return { direct: made instanceof DirectCall, code: await promise };
}

test("a call that has to wait for a connection goes through the channel, and the next straight to the connection", async () => {
  expect(await call(channel)).toEqual({ direct: false, code: 0 });
  expect(await call(channel)).toEqual({ direct: true, code: 0 });
});

test("what has no time left goes through the channel, which ends it", async () => {
  await connectChannel(channel, 5000);
  expect(await call(channel, 0)).toEqual({ direct: false, code: 4 });
});

test("a target that only grpc-js understands is called through the channel", async () => {
  const other = open(`ipv4:${backend.address}`);
  await connectChannel(other, 5000);
  expect(await call(other)).toEqual({ direct: false, code: 0 });
  other.close();
});

test("a channel that is closed makes no calls", async () => {
  await connectChannel(channel, 5000);
  channel.close();
  await expect(call(channel)).rejects.toThrow("shut down");
});

test("calls keep their channel from going idle", async () => {
  await connectChannel(channel, 5000);
  const endsAtMs = performance.now() + 2.5 * idleTimeoutMs;
  while (performance.now() < endsAtMs) {
    expect(await call(channel)).toEqual({ direct: true, code: 0 });
    await sleep(idleTimeoutMs / 20);
  }
  expect(channel.getConnectivityState(false)).toBe(State.READY);
});

test("a channel that has gone idle is woken by a call", async () => {
  await connectChannel(channel, 5000);
  await expect.poll(() => channel.getConnectivityState(false), { timeout: 5000 }).toBe(State.IDLE);
  expect(await call(channel)).toEqual({ direct: false, code: 0 });
  expect(await call(channel)).toEqual({ direct: true, code: 0 });
});
