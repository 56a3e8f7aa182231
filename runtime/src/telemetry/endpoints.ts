// SPDX-License-Identifier: Apache-2.0

/** Where calls go, as labels name it. */
export interface Endpoint {
  /** The target as a whole: `grpc.target`. */
  readonly target: string;
  /** `server.address`. */
  readonly address: string;
  /** `server.port`. Absent: the target names none. */
  readonly port: number | undefined;
}

const other: Endpoint = { target: "other", address: "other", port: undefined };

/** The endpoints that labels may name: the first so many that are asked for, then `other`. Labels cost memory for ever. */
export class Endpoints {
  readonly #max: number;
  readonly #known: Map<string, Endpoint> = new Map();

  constructor(max: number) {
    this.#max = max;
  }

  of(target: string): Endpoint {
    const known = this.#known.get(target);
    if (known !== undefined) {
      return known;
    }
    if (this.#known.size >= this.#max) {
      return other;
    }
    const endpoint = { target, ...parseTarget(target) };
    this.#known.set(target, endpoint);
    return endpoint;
  }
}

/** Takes a gRPC name (`dns:///orders:50051`, `dns://1.1.1.1/orders`, `ipv4:10.0.0.1:443`, `orders:443`) or a URL apart. */
function parseTarget(target: string): Omit<Endpoint, "target"> {
  const path = target
    .replace(/^https?:\/\//i, "")
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*\/(?=[^/])/i, "")
    .replace(/^(?:dns|ipv4|ipv6|unix|unix-abstract|vsock):(?:\/\/)?/i, "");
  const [, address = path, port] = /^(\[[^\]]*\]|[^:,]*):(\d+)$/.exec(path) ?? [];
  return { address: address.replace(/^\[|\]$/g, ""), port: port === undefined ? undefined : Number(port) };
}
