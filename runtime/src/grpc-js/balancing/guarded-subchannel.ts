// SPDX-License-Identifier: Apache-2.0
import { connectivityState as State, type StatusObject } from "@grpc/grpc-js";
import {
  BaseSubchannelWrapper,
  type GrpcPickResult,
  type GrpcSubchannel,
  type GrpcSubchannelListener,
  PickResultType,
} from "../surface.ts";
import type { EndpointWeight } from "./endpoint-weight.ts";
import type { ConnectionState, Endpoint, EndpointConnection } from "./endpoints.ts";
import type { ServingStatus } from "./health-message.ts";
import {
  findHealthWatch,
  type HealthTools,
  type HealthWatch,
  leaveHealthWatch,
  shareHealthWatch,
} from "./health-watch.ts";

/** Who counts the calls of a connection. */
export interface CallCounter {
  onStarted(endpoint: Endpoint): void;
  onEnded(endpoint: Endpoint, status: StatusObject): void;
}

/** What a connection is watched with. */
export interface HealthSettings extends HealthTools {
  readonly service: string;
}

/**
 * A connection as the balancing policy sees it: one that is ejected or not serving is unhealthy, and one whose health is not
 * known yet is still connecting. The policy would otherwise take it for failed, and fail calls that need only wait a moment.
 */
export class GuardedSubchannel extends BaseSubchannelWrapper implements EndpointConnection {
  readonly #endpoint: Endpoint;
  readonly #inner: GrpcSubchannel;
  readonly #health: HealthSettings | undefined;
  readonly #listeners: Set<GrpcSubchannelListener> = new Set();
  readonly #plainPick: GrpcPickResult;
  readonly #counter: CallCounter;
  #watch: HealthWatch | undefined;
  #refs = 0;
  #shown: number = State.IDLE;

  constructor(inner: GrpcSubchannel, endpoint: Endpoint, counter: CallCounter, health: HealthSettings | undefined) {
    super(inner);
    this.#inner = inner;
    this.#endpoint = endpoint;
    this.#health = health;
    this.#counter = counter;
    // One result serves all picks, since a pick is made for every call.
    this.#plainPick = {
      pickResultType: PickResultType.COMPLETE,
      subchannel: inner,
      status: null,
      onCallStarted: () => counter.onStarted(endpoint),
      onCallEnded: (code, details, metadata) => counter.onEnded(endpoint, { code, details, metadata }),
    };
    this.applyHealth();
  }

  get weight(): EndpointWeight {
    return this.#endpoint.weight;
  }

  get state(): ConnectionState {
    return State[this.getConnectivityState()] as ConnectionState;
  }

  get health(): ServingStatus | undefined {
    return this.#findWatch()?.status;
  }

  /** What the policy picked, for grpc-js: the connection behind this one, and our counts beside the policy's. */
  picked(pick: GrpcPickResult): GrpcPickResult {
    const { onCallStarted, onCallEnded } = pick;
    if (onCallStarted === null && onCallEnded === null) {
      return this.#plainPick;
    }
    const endpoint = this.#endpoint;
    const counter = this.#counter;
    return {
      ...this.#plainPick,
      onCallStarted: () => {
        counter.onStarted(endpoint);
        onCallStarted?.();
      },
      onCallEnded: (code, details, metadata) => {
        counter.onEnded(endpoint, { code, details, metadata });
        onCallEnded?.(code, details, metadata);
      },
    };
  }

  /** Tells the policy whether calls may be sent here. */
  applyHealth(): void {
    this.setHealthy(!this.#endpoint.ejected && this.health !== "NOT_SERVING");
  }

  override getConnectivityState(): State {
    const state = super.getConnectivityState();
    const waits = state === State.READY && this.#health !== undefined && this.health === undefined;
    return waits ? State.CONNECTING : state;
  }

  override addConnectivityStateListener(listener: GrpcSubchannelListener): void {
    this.#listeners.add(listener);
  }

  override removeConnectivityStateListener(listener: GrpcSubchannelListener): void {
    this.#listeners.delete(listener);
  }

  override ref(): void {
    super.ref();
    this.#refs += 1;
    if (this.#refs === 1) {
      this.#attach();
    }
  }

  override unref(): void {
    this.#refs -= 1;
    if (this.#refs === 0) {
      this.#detach();
    }
    super.unref();
  }

  #attach(): void {
    this.#inner.addConnectivityStateListener(this.#onConnection);
    if (this.#health !== undefined) {
      this.#watch = shareHealthWatch(this, this.#health.service, this.#health, this.#onHealth);
      this.applyHealth();
    }
    this.#shown = this.getConnectivityState();
    this.#endpoint.connections.add(this);
    this.#endpoint.changed();
  }

  #detach(): void {
    this.#inner.removeConnectivityStateListener(this.#onConnection);
    if (this.#health !== undefined) {
      leaveHealthWatch(this, this.#health.service, this.#onHealth);
      this.#watch = undefined;
    }
    this.#endpoint.connections.delete(this);
    this.#endpoint.changed();
  }

  #findWatch(): HealthWatch | undefined {
    if (this.#health === undefined) {
      return undefined;
    }
    return this.#watch ?? findHealthWatch(this, this.#health.service);
  }

  readonly #onConnection: GrpcSubchannelListener = (_subchannel, _before, _now, keepaliveMs, error) =>
    this.#show(keepaliveMs, error);

  readonly #onHealth = (): void => {
    this.applyHealth();
    this.#show(0);
    this.#endpoint.changed();
  };

  #show(keepaliveMs: number, error?: string): void {
    const before = this.#shown;
    const now = this.getConnectivityState();
    this.#shown = now;
    if (now !== before) {
      // Known before the policy hears of it: it makes its picker from what the endpoints say.
      this.#endpoint.noteError(error);
      if (now === State.READY) {
        this.#endpoint.weight.restart();
      }
      for (const listener of [...this.#listeners]) {
        listener(this, before, now, keepaliveMs, error);
      }
      this.#endpoint.changed();
    }
  }
}
