// SPDX-License-Identifier: Apache-2.0
import { isIPv6, type Socket } from "node:net";
import { type Address, formatAddress } from "@talaria/runtime/diagnose";
import { type Finding, type Verdict, worstOf } from "./check.ts";
import { readTcpTable, socketInodes, type TcpConnection } from "./socket-table.ts";

const elsewhere: Finding = {
  verdict: "skipped",
  message: "unacknowledged bytes and retransmits are told by Linux only",
};

/** A first retransmit happens; from here on, data has not got through for about 1.5 s or more. */
const manyRetransmits = 3;

/** Says how one of our own connections is doing. */
export function checkSocket(socket: Socket, platform: NodeJS.Platform = process.platform): Finding {
  if (platform !== "linux") {
    return elsewhere;
  }
  const { localAddress = "", localPort, remoteAddress = "", remotePort } = socket;
  const [local, remote] = [endOf(localAddress, localPort), endOf(remoteAddress, remotePort)];
  const found = readTcpTable("self").find((each) => each.local === local && each.remote === remote);
  return found === undefined
    ? { verdict: "skipped", message: "the system does not list the connection any more" }
    : { verdict: judge(found), message: sayCounts(found), data: dataOf(found) };
}

function endOf(host: string, port: number | undefined): string {
  return formatAddress({ host: host.replace(/^::ffff:(?=\d+\.)/, ""), ...(port === undefined ? {} : { port }) });
}

/** Says how the connections of another process to these addresses are doing, and which it has to others on the same port. */
export function checkProcess(
  pid: number,
  addresses: readonly Address[],
  platform: NodeJS.Platform = process.platform,
  procFolder = "/proc",
): Finding {
  if (platform !== "linux") {
    return elsewhere;
  }
  let own: readonly TcpConnection[];
  try {
    const inodes = socketInodes(pid, procFolder);
    own = readTcpTable(pid, procFolder).filter(({ inode }) => inodes.has(inode));
  } catch (error) {
    return unreadable(pid, error);
  }
  return judgeProcess(pid, own, addresses);
}

function unreadable(pid: number, error: unknown): Finding {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ESRCH") {
    return { verdict: "problem", message: `there is no process ${pid}` };
  }
  const message =
    code === "EACCES" || code === "EPERM"
      ? `process ${pid} belongs to another user: run as that user, or as root`
      : `process ${pid} cannot be looked at: ${error instanceof Error ? error.message : error}`;
  return { verdict: "skipped", message };
}

function judgeProcess(pid: number, own: readonly TcpConnection[], addresses: readonly Address[]): Finding {
  const wanted = new Set(addresses.map(formatAddress));
  const ports = new Set(addresses.map(({ port }) => port));
  const outgoing = own.filter(({ state }) => state !== "LISTEN");
  const connected = outgoing.filter(({ remote }) => wanted.has(remote));
  const stale = outgoing.filter(({ remote }) => !wanted.has(remote) && ports.has(portOf(remote)));
  const unconnected = [...wanted].filter((address) => !connected.some(({ remote }) => remote === address));
  const lines = [...connected.map((each) => `${each.remote} ${each.state}: ${sayCounts(each)}`)];
  for (const each of stale) {
    lines.push(`${each.remote} ${each.state}, which the target does not resolve to: ${sayCounts(each)}`);
  }
  for (const address of unconnected) {
    lines.push(`${address}: no connection`);
  }
  const verdicts: Verdict[] = [...connected, ...stale].map(judge);
  return {
    verdict:
      connected.length === 0
        ? worstOf([...verdicts, "warning"])
        : worstOf([...verdicts, ...stale.map(() => "warning" as const)]),
    message: `process ${pid} has ${connected.length === 1 ? "1 connection" : `${connected.length} connections`} to ${wanted.size - unconnected.length} of ${wanted.size === 1 ? "1 address" : `${wanted.size} addresses`}`,
    details: lines,
    data: { pid, connections: connected.map(dataOf), otherConnections: stale.map(dataOf) },
  };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

function judge({ retransmits }: TcpConnection): Verdict {
  return retransmits >= manyRetransmits ? "problem" : retransmits > 0 ? "warning" : "ok";
}

function sayCounts({ unacknowledgedBytes, retransmits }: TcpConnection): string {
  const counts = `${unacknowledgedBytes} B unacknowledged, ${retransmits === 1 ? "1 retransmit" : `${retransmits} retransmits`}`;
  return retransmits >= manyRetransmits ? `${counts}: nothing gets through, peer or network is gone` : counts;
}

function dataOf({ inode: _, ...connection }: TcpConnection): Record<string, unknown> {
  return { ...connection, family: isIPv6(connection.remote.replace(/^\[(.*)\]:\d+$/, "$1")) ? 6 : 4 };
}
