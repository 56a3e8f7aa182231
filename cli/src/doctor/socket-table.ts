// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";

/** A TCP connection as Linux sees it. */
export interface TcpConnection {
  /** `address:port`, as `formatAddress` writes it. */
  readonly local: string;
  readonly remote: string;
  /** E.g. `ESTABLISHED`. */
  readonly state: string;
  /** Bytes that were handed over for sending and that the peer has not acknowledged. */
  readonly unacknowledgedBytes: number;
  /** Bytes that have arrived and that the process has not read. */
  readonly unreadBytes: number;
  /** How often the oldest of the unacknowledged bytes were sent again, without success so far. */
  readonly retransmits: number;
  readonly inode: number;
}

/** https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/net/tcp_states.h */
const states = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
];

/**
 * Reads the TCP connections that a process can have: those of its network namespace, of IPv4 and IPv6. `/proc` needs no tool and no
 * privilege for this; what only TCP_INFO tells, such as round-trip times, it does not have.
 *
 * @throws an Error when there is no such process.
 */
export function readTcpTable(pid: number | "self", procFolder = "/proc"): readonly TcpConnection[] {
  const read = (file: string): string => readFileSync(join(procFolder, String(pid), "net", file), "utf8");
  let v6 = "";
  try {
    v6 = read("tcp6");
  } catch {
    // A kernel without IPv6 does not have the file.
  }
  return [read("tcp"), v6].flatMap((text) => parseTcpTable(text));
}

/** Reads `/proc/net/tcp` or `/proc/net/tcp6`; see proc_pid_net(5). */
export function parseTcpTable(text: string): readonly TcpConnection[] {
  return text.split("\n").flatMap((line) => {
    const [number, local, remote, state = "", queues = "", , retransmits = "", , , inode = ""] = line
      .trim()
      .split(/\s+/);
    if (number === undefined || !/^\d+:$/.test(number) || local === undefined || remote === undefined) {
      return [];
    }
    const [sent = "", received = ""] = queues.split(":");
    return {
      local: parseAddress(local),
      remote: parseAddress(remote),
      state: states[Number.parseInt(state, 16)] || state,
      unacknowledgedBytes: Number.parseInt(sent, 16),
      unreadBytes: Number.parseInt(received, 16),
      retransmits: Number.parseInt(retransmits, 16),
      inode: Number(inode),
    };
  });
}

/** The kernel writes each word of an address as a number of the machine's own byte order. */
function parseAddress(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => {
    const inOrder = [...Buffer.from(word, "hex")];
    return endianness() === "LE" ? inOrder.reverse() : inOrder;
  });
  const host = bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes);
  return `${host}:${Number.parseInt(port, 16)}`;
}

function formatIpv6(bytes: readonly number[]): string {
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) {
    return bytes.slice(12).join(".");
  }
  const groups = bytes.flatMap((byte, index) =>
    index % 2 === 0 ? [((byte << 8) | (bytes[index + 1] ?? 0)).toString(16)] : [],
  );
  // A URL's host is the canonical form of RFC 5952.
  return new URL(`http://[${groups.join(":")}]/`).hostname;
}

/**
 * The inodes of the sockets that a process has open.
 *
 * @throws an Error with the code ENOENT when there is no such process, EACCES when it belongs to somebody else.
 */
export function socketInodes(pid: number | "self", procFolder = "/proc"): ReadonlySet<number> {
  const folder = join(procFolder, String(pid), "fd");
  const inodes = readdirSync(folder).flatMap((name) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, name))) ?? [];
      return inode === undefined ? [] : [Number(inode)];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
  return new Set(inodes);
}
