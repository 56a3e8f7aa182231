// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { type DiscoveryTarget, type HostPort, parseTarget } from "./target.ts";

/**
 * A target in the one way in which all that lead to the same are written: with scheme and port, and in lower case. One that
 * cannot be read, or that grpc-js resolves, is left as it is.
 */
export function canonicalTarget(target: string): string {
  const parsed = tryParse(target);
  if (parsed === undefined) {
    return target;
  }
  const { server = "" } = parsed;
  if (parsed.kind === "srv") {
    return `srv://${server}/${parsed.name}`;
  }
  const { hosts } = parsed;
  return `${hosts.length === 1 ? "dns" : "static"}://${server}/${hosts.map(writeHost).join(",")}`;
}

/** A guarded transport may be called anything. */
function tryParse(target: string): DiscoveryTarget | undefined {
  try {
    return parseTarget(target);
  } catch {
    return undefined;
  }
}

function writeHost({ host, port }: HostPort): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
