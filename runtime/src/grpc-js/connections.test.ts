// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Connections } from "./connections.ts";
import { suspicionRules } from "./suspicion.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) {
    close();
  }
});

/** A connection to a server that never says anything, and what makes it suspect. */
async function openMute(): Promise<{ socket: Socket; suspect(): void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  closing.push(
    () => server.close(),
    () => socket.destroy(),
  );
  await once(socket, "connect");
  const connections = new Connections({ connectTimeoutMs: 60_000, unacknowledgedTimeoutMs: 60_000 });
  await connections.open(socket, async () => ({ socket, secure: false }));
  await new Promise((resolve) => setImmediate(resolve));
  return {
    socket,
    suspect() {
      for (let i = 0; i < suspicionRules.timeouts; i++) {
        connections.onTimeout(`127.0.0.1:${port}`);
      }
    },
  };
}

function isWatched(): boolean {
  return ["start", "finish"].some((event) => channel(`http2.client.stream.${event}`).hasSubscribers);
}

describe("a suspect connection leaves nothing behind", () => {
  test("when no call follows that it could be pinged on", async () => {
    const { socket, suspect } = await openMute();
    const listeners = socket.listenerCount("close");
    vi.useFakeTimers();
    suspect();
    expect(isWatched()).toBe(true);
    vi.advanceTimersByTime(suspicionRules.intervalMs);
    expect(isWatched()).toBe(false);
    expect(socket.listenerCount("close")).toBe(listeners);
  });

  test("when it is lost while the ping is out", async () => {
    const { socket, suspect } = await openMute();
    const session = connectHttp2("http://mute", { createConnection: () => socket });
    const pings = vi.spyOn(session, "ping");
    suspect();
    session.request({}).on("error", () => undefined);
    await expect.poll(() => pings.mock.calls.length).toBe(1);
    const unanswered = Promise.withResolvers<void>();
    session.ping(() => unanswered.resolve());
    socket.destroy();
    await unanswered.promise;
    expect(isWatched()).toBe(false);
  });
});
