// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { status as Status } from "@grpc/grpc-js";
import type { NameResolution } from "@talaria/contract";
import {
  type GrpcChannelOptions,
  type GrpcResolver,
  type GrpcResolverListener,
  type GrpcTarget,
  registerResolver,
  statusOrFromError,
  statusOrFromValue,
  uriToString,
} from "../surface.ts";
import { type Address, formatAddress, sameAddresses } from "./answer.ts";
import type { NameQuery } from "./name-poller.ts";
import type { NamePollers } from "./name-pollers.ts";
import { authorityOf, type DiscoveryTarget, type HostPort, parseTarget } from "./target.ts";

/** How the names of a channel are resolved. */
export interface DiscoverySettings {
  readonly nameResolution: NameResolution;
  readonly pollers: NamePollers;
}

/** The scheme is our own, since `dns` belongs to all users of grpc-js in the process. */
const scheme = "talaria";

/** The target to open a channel with, in place of `target`. One that grpc-js resolves itself is returned as it is. */
export function resolverTarget(target: string): string {
  return parseTarget(target) === undefined ? target : `${scheme}:${target}`;
}

/** Makes the resolver known to grpc-js. `settingsOf` finds a channel's settings in its options. */
export function registerDiscovery(settingsOf: (options: GrpcChannelOptions) => DiscoverySettings): void {
  registerResolver(
    scheme,
    class extends DiscoveryResolver {
      constructor(target: GrpcTarget, listener: GrpcResolverListener, options: GrpcChannelOptions) {
        super(innerTarget(target), listener, settingsOf(options));
      }

      static getDefaultAuthority(target: GrpcTarget): string {
        return authorityOf(innerTarget(target));
      }
    },
  );
}

/** The target within ours. */
function innerTarget(target: GrpcTarget): string {
  return uriToString(target).slice(scheme.length + 1);
}

/** A host of the target, and where its addresses come from. */
interface Source {
  addresses: readonly Address[];
  error: Error | undefined;
  settled: boolean;
}

/**
 * A resolver of grpc-js that follows the addresses of its target by their time to live. It tells the channel of changes only, and
 * never of an empty or failed answer while there is a list to go on with: both would be taken for "drop everything".
 *
 * The channel's hints that a connection was lost do not lead to a lookup: the answer holds until its time is over, and a
 * server that dies with a thousand clients must not have them all ask at once.
 */
export class DiscoveryResolver implements GrpcResolver {
  readonly #target: DiscoveryTarget;
  readonly #listener: GrpcResolverListener;
  readonly #settings: DiscoverySettings;
  #unsubscribes: (() => void)[] | undefined;
  /** Kept when the channel goes idle: what it knows is better than nothing when it wakes up without DNS. */
  #known: readonly Address[] = [];
  #published: readonly Address[] | undefined;

  constructor(target: string, listener: GrpcResolverListener, settings: DiscoverySettings) {
    const parsed = parseTarget(target);
    if (parsed === undefined) {
      throw new Error(`${target} is not ours to resolve`);
    }
    this.#target = parsed;
    this.#listener = listener;
    this.#settings = settings;
  }

  updateResolution(): void {
    if (this.#unsubscribes === undefined) {
      this.#unsubscribes = [];
      this.#start(this.#unsubscribes);
    }
  }

  destroy(): void {
    for (const unsubscribe of this.#unsubscribes ?? []) {
      unsubscribe();
    }
    this.#unsubscribes = undefined;
    this.#published = undefined;
  }

  #start(life: (() => void)[]): void {
    const target = this.#target;
    const sources: Source[] = [];
    const parts = target.kind === "srv" ? [target.name] : target.hosts;
    const publish = (): void => {
      if (this.#unsubscribes === life && sources.every(({ settled }) => settled)) {
        this.#publish(sources);
      }
    };
    for (const part of parts) {
      const source: Source = { addresses: [], error: undefined, settled: false };
      sources.push(source);
      if (typeof part !== "string" && isIP(part.host) !== 0) {
        source.addresses = [part];
        source.settled = true;
      } else {
        life.push(this.#follow(part, source, publish));
      }
    }
    if (life.length === 0) {
      // Nothing but addresses: nobody will call back.
      queueMicrotask(publish);
    }
  }

  #follow(part: HostPort | string, source: Source, publish: () => void): () => void {
    const { server } = this.#target;
    const query: NameQuery =
      typeof part === "string" ? { kind: "srv", name: part, server } : { kind: "host", name: part.host, server };
    return this.#settings.pollers.subscribe(query, {
      policy: this.#settings.nameResolution,
      onAddresses: (addresses) => {
        source.addresses =
          typeof part === "string" ? addresses : addresses.map(({ host }) => ({ host, port: part.port }));
        source.error = undefined;
        source.settled = true;
        publish();
      },
      onFailure: (error) => {
        source.error = error;
        source.settled = true;
        publish();
      },
    });
  }

  #publish(sources: readonly Source[]): void {
    const found = sources.flatMap(({ addresses }) => addresses);
    const addresses = this.#target.kind === "srv" ? found : withoutDuplicates(found);
    if (addresses.length > 0) {
      this.#publishAddresses(addresses);
    } else if (this.#published === undefined) {
      if (this.#known.length > 0) {
        this.#publishAddresses(this.#known);
      } else {
        const details = sources.find(({ error }) => error !== undefined)?.error?.message ?? "no addresses";
        this.#listener(statusOrFromError({ code: Status.UNAVAILABLE, details }), noAttributes(), null, "");
      }
    }
  }

  #publishAddresses(addresses: readonly Address[]): void {
    if (this.#published !== undefined && sameAddresses(this.#published, addresses)) {
      return;
    }
    this.#published = addresses;
    this.#known = addresses;
    const endpoints = addresses.map(({ host, port = 0 }) => ({ addresses: [{ host, port }] }));
    this.#listener(statusOrFromValue(endpoints), noAttributes(), null, "");
  }
}

/** Attributes become arguments of connections: any at all would open a second connection to every address. */
function noAttributes(): Record<string, never> {
  return {};
}

function withoutDuplicates(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}
