// SPDX-License-Identifier: Apache-2.0
import { EndpointWeight } from "./endpoint-weight.ts";
import type { ServingStatus } from "./health-message.ts";

/** gRPC's connectivity states of a connection. */
export type ConnectionState = "IDLE" | "CONNECTING" | "READY" | "TRANSIENT_FAILURE";

/** One address of a channel's target, and how it is doing. */
export interface EndpointState {
  /** `10.0.0.1:50051`, `[::1]:50051`, or the path of a socket. */
  readonly address: string;
  /** A connection that waits for the first word of the health service is CONNECTING. */
  readonly state: ConnectionState;
  /** What its health service says. Absent: nobody asked, or it has not answered yet. */
  readonly health?: ServingStatus;
  /** It failed much more than the others, and is left out for a while. */
  readonly ejected: boolean;
  /** The target still has it. If not, it only finishes its calls. */
  readonly listed: boolean;
  /** Attempts that have been sent to it and have not ended. */
  readonly inFlight: number;
  /** Why it could last not be connected to. */
  readonly lastError?: string;
}

/** A connection of an endpoint. There are two for a moment when the list of addresses changes. */
export interface EndpointConnection {
  readonly state: ConnectionState;
  readonly health: ServingStatus | undefined;
}

/** One address, as the balancer keeps it. */
export class Endpoint {
  readonly address: string;
  readonly connections: Set<EndpointConnection> = new Set();
  readonly weight: EndpointWeight = new EndpointWeight();
  listed = true;
  ejected = false;
  inFlight = 0;
  /** It has been connected, or could not be, since it was listed. */
  settled = false;
  lastError: string | undefined;
  readonly #onChange: () => void;

  constructor(address: string, onChange: () => void) {
    this.address = address;
    this.#onChange = onChange;
  }

  /** The connection of it, or the one that takes over. */
  get connection(): EndpointConnection | undefined {
    return [...this.connections].at(-1);
  }

  noteError(error: string | undefined): void {
    this.lastError = error === undefined ? this.lastError : plainReason(error);
  }

  changed(): void {
    const state = this.connection?.state;
    this.settled ||= state === "READY" || state === "TRANSIENT_FAILURE";
    this.#onChange();
  }

  snapshot(): EndpointState {
    const { address, connection, ejected, listed, inFlight, lastError } = this;
    return {
      address,
      state: connection?.state ?? "IDLE",
      ...(connection?.health === undefined ? {} : { health: connection.health }),
      ejected,
      listed,
      inFlight,
      ...(lastError === undefined ? {} : { lastError }),
    };
  }
}

/** grpc-js puts the kind of error before the reason, and the time behind it. */
function plainReason(error: string): string {
  return error.replace(/^Error: /, "").replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, "");
}

/** The endpoints of one channel. */
export class Endpoints {
  readonly #endpoints: Map<string, Endpoint> = new Map();
  readonly #listeners: Set<() => void> = new Set();
  /** Why there is no list of addresses. */
  resolutionError: string | undefined;

  /** Those that the target has, and those that still have calls. */
  snapshot(): readonly EndpointState[] {
    return this.all().map((endpoint) => endpoint.snapshot());
  }

  /** As {@link snapshot}, with what the balancer works on. */
  all(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  get(address: string): Endpoint {
    let endpoint = this.#endpoints.get(address);
    if (endpoint === undefined) {
      endpoint = new Endpoint(address, () => this.#changed());
      this.#endpoints.set(address, endpoint);
    }
    return endpoint;
  }

  /** The target now has these addresses. */
  list(addresses: readonly string[]): void {
    this.resolutionError = undefined;
    const listed = new Set(addresses);
    for (const address of listed) {
      this.get(address);
    }
    for (const endpoint of this.#endpoints.values()) {
      if (!listed.has(endpoint.address)) {
        // What was held against it is forgotten, should it come back.
        endpoint.ejected = false;
        endpoint.settled = false;
      }
      endpoint.listed = listed.has(endpoint.address);
      this.#forget(endpoint);
    }
    this.#changed();
  }

  /** There is no list of addresses. */
  fail(error: string): void {
    this.resolutionError = error;
    this.#changed();
  }

  started(endpoint: Endpoint): void {
    endpoint.inFlight += 1;
  }

  ended(endpoint: Endpoint): void {
    endpoint.inFlight -= 1;
    this.#forget(endpoint);
  }

  /** Calls `listener` after each change of state, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #forget(endpoint: Endpoint): void {
    if (!endpoint.listed && endpoint.inFlight === 0) {
      this.#endpoints.delete(endpoint.address);
    }
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}

const mostDescribed = 3;

/** Says in a sentence why no call can be sent, endpoint by endpoint. */
export function describeEndpoints(endpoints: readonly EndpointState[]): string {
  const listed = endpoints.filter(({ listed }) => listed);
  const said = listed.slice(0, mostDescribed).map(describeEndpoint);
  const rest = listed.length - said.length;
  return [...said, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

function describeEndpoint({ address, state, health, ejected, lastError }: EndpointState): string {
  if (state !== "READY" && health === undefined) {
    return `${address} ${lastError === undefined ? `is ${state}` : `failed to connect: ${lastError}`}`;
  }
  return health === "NOT_SERVING"
    ? `${address} says NOT_SERVING`
    : `${address} ${ejected ? "is ejected as an outlier" : `is ${state}`}`;
}
