// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { splitHostPort } from "../surface.ts";

/** A host, by name or by address, and its port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A target whose addresses we find ourselves. */
export type DiscoveryTarget =
  | {
      readonly kind: "hosts";
      /** The DNS server to ask, as `ip:port`. Absent: those of the system, and its hosts file. */
      readonly server: string | undefined;
      readonly hosts: readonly HostPort[];
    }
  | {
      readonly kind: "srv";
      readonly server: string | undefined;
      /** The full name of the SRV records, e.g. `_grpc._tcp.orders.shop.svc.cluster.local`. */
      readonly name: string;
    };

const uriPattern = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/]*)\/)?(.+)$/;
const defaultPort = 443;
const defaultDnsPort = 53;

/**
 * Reads a gRPC target, by the rules of gRPC's naming document: `dns:///name:port`, `dns://10.0.0.2:53/name:port`, a bare
 * `name:port`, and besides them `static:///host:port,host:port` and `srv:///_grpc._tcp.name`. Undefined for a target of any other
 * scheme, e.g. `unix:` or `ipv4:`; grpc-js knows what it means.
 *
 * @throws ConnectError INVALID_ARGUMENT when one of these is malformed.
 */
export function parseTarget(target: string): DiscoveryTarget | undefined {
  const [, scheme, authority, path = ""] = uriPattern.exec(target) ?? [];
  switch (scheme?.toLowerCase()) {
    case "dns":
      return { kind: "hosts", server: dnsServer(target, authority), hosts: [hostPort(target, path)] };
    case "static":
      return {
        kind: "hosts",
        server: dnsServer(target, authority),
        hosts: path.split(",").map((host) => hostPort(target, host)),
      };
    case "srv":
      return { kind: "srv", server: dnsServer(target, authority), name: serviceName(target, path) };
    default:
      return isBare(target, scheme, authority, path)
        ? { kind: "hosts", server: undefined, hosts: [hostPort(target, target)] }
        : undefined;
  }
}

/** What a target calls the server: `:authority`, and the name that TLS asks for. For a list it is the first host. */
export function authorityOf(target: string): string {
  const [, scheme, , path = ""] = uriPattern.exec(target) ?? [];
  switch (scheme?.toLowerCase()) {
    case "dns":
      return path;
    case "static":
      return path.replace(/,.*/, "");
    case "srv":
      return path.replace(/^_[^.]*\._[^.]*\./, "");
    default:
      return target;
  }
}

/**
 * Checks a target that grpc-js resolves, which by itself would take what it cannot read for a server that is away.
 *
 * @param readAs What grpc-js reads it as: one of a scheme that nobody registered becomes a name for DNS.
 * @throws ConnectError INVALID_ARGUMENT when it can never work.
 */
export function checkForeignTarget(target: string, readAs: string): void {
  const [, scheme = "", authority, path = ""] = uriPattern.exec(target) ?? [];
  if (!readAs.startsWith(`${scheme}:`)) {
    throw malformed(
      target,
      authority === undefined && !path.includes("/")
        ? `${JSON.stringify(path)} is no port, and no resolver is registered for a scheme ${JSON.stringify(scheme)}; ` +
            `write e.g. "${scheme}:50051"`
        : `no resolver is registered for the scheme ${JSON.stringify(scheme)}; write e.g. ` +
            `"dns:///orders.shop.svc.cluster.local:50051", or register one with grpc-js before the client is opened`,
    );
  }
  if (scheme === "ipv4" || scheme === "ipv6") {
    const wrong = path.split(",").find((address) => !isAddress(address, scheme));
    if (wrong !== undefined) {
      const example = scheme === "ipv4" ? "ipv4:10.0.0.1:50051,10.0.0.2:50051" : "ipv6:[fd00::1]:50051,[fd00::2]:50051";
      throw malformed(
        target,
        `${JSON.stringify(wrong)} is no ${scheme === "ipv4" ? "IPv4" : "IPv6"} address and port; ` +
          `write e.g. "${example}", or "dns:///name:50051" for a name`,
      );
    }
  }
}

function isAddress(text: string, scheme: "ipv4" | "ipv6"): boolean {
  const { host = "", port = defaultPort } = splitHostPort(text) ?? {};
  return isIP(host) === (scheme === "ipv4" ? 4 : 6) && port >= 1 && port <= 65_535;
}

/** `orders:50051` looks like a URI of the scheme `orders`. */
function isBare(target: string, scheme: string | undefined, authority: string | undefined, path: string): boolean {
  return scheme === undefined || isIP(target) !== 0 || (authority === undefined && /^\d+$/.test(path));
}

function hostPort(target: string, text: string): HostPort {
  const { host = "", port = defaultPort } = splitHostPort(text.trim()) ?? {};
  const isName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(host);
  if ((isName || isIP(host) !== 0) && host.length <= 254 && port >= 1 && port <= 65_535) {
    return { host: host.toLowerCase(), port };
  }
  throw malformed(
    target,
    `${JSON.stringify(text)} is no host and port; write e.g. "orders.shop.svc.cluster.local:50051"`,
  );
}

function serviceName(target: string, path: string): string {
  if (/^_[^.:/]+\._[^.:/]+\.[^:/]+$/.test(path)) {
    return path.toLowerCase();
  }
  throw malformed(
    target,
    `${JSON.stringify(path)} does not name SRV records; write e.g. "srv:///_grpc._tcp.orders.shop.svc.cluster.local", without a port`,
  );
}

function dnsServer(target: string, authority: string | undefined): string | undefined {
  if (authority === undefined || authority === "") {
    return undefined;
  }
  const { host = "", port = defaultDnsPort } = splitHostPort(authority) ?? {};
  switch (isIP(host)) {
    case 4:
      return `${host}:${port}`;
    case 6:
      return `[${host}]:${port}`;
    default:
      throw malformed(
        target,
        `${JSON.stringify(authority)} is no address of a DNS server; write e.g. "dns://10.0.0.2:53/name:50051", ` +
          `or "dns:///name:50051" for the system's`,
      );
  }
}

function malformed(target: string, why: string): ConnectError {
  return new ConnectError(`the target ${JSON.stringify(target)} cannot be used: ${why}`, Code.InvalidArgument);
}
