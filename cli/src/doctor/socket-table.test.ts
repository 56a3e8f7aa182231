// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { endianness } from "node:os";
import { describe, expect, test } from "vitest";
import { parseTcpTable, readTcpTable, socketInodes } from "./socket-table.ts";

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

describe.runIf(endianness() === "LE")("parseTcpTable()", () => {
  test("reads addresses, queues and retransmits of IPv4", () => {
    const line =
      "   3: 0100A8C0:C350 0B00A8C0:01BB 01 00001F40:00000010 01:0000012C 00000005  1000        0 84717 2 0000000000000000 100 20 30 10 -1\n";
    expect(parseTcpTable(head + line)).toEqual([
      {
        local: "192.168.0.1:50000",
        remote: "192.168.0.11:443",
        state: "ESTABLISHED",
        unacknowledgedBytes: 8000,
        unreadBytes: 16,
        retransmits: 5,
        inode: 84717,
      },
    ]);
  });

  test("reads addresses of IPv6, and IPv4 within them, as everybody writes them", () => {
    const line = (local: string, remote: string): string =>
      `  12: ${local}:1F90 ${remote}:0050 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0\n`;
    const [loopback, mapped] = parseTcpTable(
      head +
        line("00000000000000000000000001000000", "B80D0120000000000000000001000000") +
        line("0000000000000000FFFF00000100007F", "0000000000000000FFFF00000200007F"),
    );
    expect([loopback?.local, loopback?.remote, loopback?.state]).toEqual(["[::1]:8080", "[2001:db8::1]:80", "LISTEN"]);
    expect([mapped?.local, mapped?.remote]).toEqual(["127.0.0.1:8080", "127.0.0.2:80"]);
  });
});

describe.runIf(process.platform === "linux")("readTcpTable()", () => {
  test.each(["127.0.0.1", "::1"])("finds a connection of this process over %s, by its inode", async (host) => {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, host);
    await once(socket, "connect");
    const inodes = socketInodes("self");
    const remote = host.includes(":") ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
    const [found] = readTcpTable("self").filter((each) => each.remote === remote && each.state === "ESTABLISHED");
    expect(found?.local.endsWith(`:${socket.localPort}`)).toBe(true);
    expect(inodes.has(found?.inode ?? 0)).toBe(true);
    socket.destroy();
    server.close();
  });
});
