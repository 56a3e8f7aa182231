// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";

/**
 * Sets how long sent data may stay unacknowledged before the system closes a connection: TCP_USER_TIMEOUT, as gRPC does on
 * Linux (gRFC A18). Node.js cannot set it, so this needs the optional package `koffi`; without it, and elsewhere than on
 * Linux, nothing is set, and `userTimeoutSupport` says so. A dead connection is then found by keepalive, and under traffic
 * by the suspicion ping.
 */
export async function setUserTimeout(socket: Socket, timeoutMs: number): Promise<void> {
  const setsockopt = await setSockOpt();
  const fd = fileDescriptorOf(socket);
  if (setsockopt !== undefined && fd !== undefined) {
    setsockopt(fd, ipprotoTcp, tcpUserTimeout, [timeoutMs], 4);
  }
}

/** Whether TCP_USER_TIMEOUT is set, or why not. */
export async function userTimeoutSupport(): Promise<"set" | "not on this system" | "koffi is not installed"> {
  if (process.platform !== "linux") {
    return "not on this system";
  }
  return (await setSockOpt()) === undefined ? "koffi is not installed" : "set";
}

type SetSockOpt = (fd: number, level: number, name: number, value: [number], length: number) => number;

const ipprotoTcp = 6;
const tcpUserTimeout = 18;
let loading: Promise<SetSockOpt | undefined> | undefined;

function setSockOpt(): Promise<SetSockOpt | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SetSockOpt | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    return library.func("int setsockopt(int fd, int level, int name, int *value, unsigned int length)") as SetSockOpt;
  } catch {
    return undefined;
  }
}

/** The descriptor of a socket. Node.js has no public name for it; without it nothing is set. */
function fileDescriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: number } };
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}
