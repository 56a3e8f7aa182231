// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { deadPeerDetection } from "../introspect.ts";
import { announcesStreams } from "./announces-streams.ts";

test.each([
  ["22.0.0", false],
  ["22.12.0", false],
  ["22.16.0", false],
  ["22.17.0", true],
  ["22.22.3", true],
  ["23.11.1", false],
  ["24.0.0", false],
  ["24.1.0", true],
  ["25.0.0", true],
])("Node.js %s announces streams: %j", (version, announces) => {
  expect(announcesStreams(version)).toBe(announces);
});

test("what is said of this Node.js is true", async () => {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  let announced = false;
  const onStream = (): void => {
    announced = true;
  };
  subscribe("http2.client.stream.start", onStream);
  const request = session.request().resume();
  await new Promise((resolve) => request.on("close", resolve));
  unsubscribe("http2.client.stream.start", onStream);
  session.destroy();
  server.close();
  expect((await deadPeerDetection()).suspicionPing).toBe(announced ? "works" : "needs Node.js 22.17 or 24.1");
});
