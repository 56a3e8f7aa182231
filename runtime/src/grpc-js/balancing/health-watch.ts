// SPDX-License-Identifier: Apache-2.0
import { Metadata, connectivityState as State, status as Status } from "@grpc/grpc-js";
import type { Clock, Random, Timer } from "../../clock.ts";
import { createCall, type GrpcCall, type GrpcSubchannel, type GrpcSubchannelListener } from "../surface.ts";
import { decodeHealthResponse, encodeHealthRequest, healthWatchPath, type ServingStatus } from "./health-message.ts";

/** Time and chance of health watches. */
export interface HealthTools {
  readonly clock: Clock;
  readonly random: Random;
}

const backoff = { initialMs: 1000, factor: 1.6, maxMs: 120_000, jitter: 0.2 };

/** The wait before a health service that failed `failures` times in a row is asked again: gRPC's connection backoff. */
export function healthRetryDelayMs(failures: number, draw: number): number {
  const { initialMs, factor, maxMs, jitter } = backoff;
  return Math.min(initialMs * factor ** (failures - 1), maxMs) * (1 - jitter + 2 * jitter * draw);
}

/**
 * Watches what the health service at the other end of one connection says of one service (gRFC A17), as long as it is connected.
 *
 * Until the first word it knows nothing. A server without the health service counts as serving. A watch that ends is started
 * again after a backoff. What it said last holds until then; one that said nothing counts as not serving.
 */
export class HealthWatch {
  readonly #subchannel: GrpcSubchannel;
  readonly #service: string;
  readonly #tools: HealthTools;
  readonly #listeners: Set<() => void> = new Set();
  #status: ServingStatus | undefined;
  #call: WatchCall | undefined;
  #timer: Timer | undefined;
  #failures = 0;

  constructor(subchannel: GrpcSubchannel, service: string, tools: HealthTools) {
    this.#subchannel = subchannel;
    this.#service = service;
    this.#tools = tools;
    subchannel.addConnectivityStateListener(this.#onConnection);
    if (subchannel.getConnectivityState() === State.READY) {
      this.#watch();
    }
  }

  /** What it says. Undefined until the first word on this connection. */
  get status(): ServingStatus | undefined {
    return this.#status;
  }

  addListener(listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeListener(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  stop(): void {
    this.#subchannel.removeConnectivityStateListener(this.#onConnection);
    this.#end();
  }

  readonly #onConnection: GrpcSubchannelListener = (_subchannel, _before, now) => {
    this.#end();
    this.#failures = 0;
    this.#tell(undefined);
    if (now === State.READY) {
      this.#watch();
    }
  };

  #watch(): void {
    this.#timer = undefined;
    const call = new WatchCall(this.#subchannel, this.#service, {
      onStatus: (status) => {
        this.#failures = 0;
        this.#tell(status);
      },
      onEnd: (code, heard) => this.#onEnd(code, heard),
    });
    this.#call = call;
  }

  #onEnd(code: number, heard: boolean): void {
    this.#call = undefined;
    if (code === Status.UNIMPLEMENTED) {
      this.#tell("SERVING");
      return;
    }
    this.#failures += 1;
    const { clock, random } = this.#tools;
    this.#timer = clock.setTimer(() => this.#watch(), healthRetryDelayMs(this.#failures, random()));
    if (!heard) {
      this.#tell("NOT_SERVING");
    }
  }

  /** A stream that stays open would keep a server from leaving, hence it ends with the first word of the connection's end. */
  #end(): void {
    this.#call?.cancel();
    this.#call = undefined;
    if (this.#timer !== undefined) {
      this.#tools.clock.clearTimer(this.#timer);
      this.#timer = undefined;
    }
  }

  #tell(status: ServingStatus | undefined): void {
    if (status !== this.#status) {
      this.#status = status;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }
}

interface WatchObserver {
  onStatus(status: ServingStatus): void;
  /** `heard`: it had said something. */
  onEnd(code: number, heard: boolean): void;
}

/** One call of `Watch`, on one connection. */
class WatchCall {
  readonly #call: GrpcCall;
  readonly #observer: WatchObserver;
  #heard = false;
  #over = false;

  constructor(subchannel: GrpcSubchannel, service: string, observer: WatchObserver) {
    this.#observer = observer;
    this.#call = createCall(subchannel.getChannel(), healthWatchPath, undefined);
    this.#call.start(new Metadata(), {
      onReceiveMetadata: () => this.#stillWanted(),
      onReceiveMessage: (message: Uint8Array) => this.#onMessage(message),
      onReceiveStatus: ({ code }) => this.#onStatus(code),
    });
    this.#call.startRead();
    this.#call.sendMessageWithContext({}, encodeHealthRequest(service));
    this.#call.halfClose();
  }

  cancel(): void {
    this.#over = true;
    this.#call.cancelWithStatus(Status.CANCELLED, "no longer watched");
  }

  /** grpc-js forgets a cancellation that comes while the call is being started. */
  #stillWanted(): boolean {
    if (this.#over) {
      this.#call.cancelWithStatus(Status.CANCELLED, "no longer watched");
    }
    return !this.#over;
  }

  #onMessage(message: Uint8Array): void {
    if (!this.#stillWanted()) {
      return;
    }
    this.#call.startRead();
    let status: ServingStatus;
    try {
      status = decodeHealthResponse(message);
    } catch {
      // What cannot be read is no promise to serve.
      status = "NOT_SERVING";
    }
    this.#heard = true;
    this.#observer.onStatus(status);
  }

  #onStatus(code: number): void {
    if (!this.#over) {
      this.#over = true;
      this.#observer.onEnd(code, this.#heard);
    }
  }
}

const watches = new WeakMap<object, Map<string, HealthWatch>>();

/** The watch of a connection that channels share, if there is one. */
export function findHealthWatch(subchannel: GrpcSubchannel, service: string): HealthWatch | undefined {
  return watches.get(subchannel.getRealSubchannel())?.get(service);
}

/** Listens to the watch of a connection: one, however many channels share the connection. */
export function shareHealthWatch(
  subchannel: GrpcSubchannel,
  service: string,
  tools: HealthTools,
  listener: () => void,
): HealthWatch {
  const connection = subchannel.getRealSubchannel();
  const known = watches.get(connection) ?? new Map<string, HealthWatch>();
  watches.set(connection, known);
  const watch = known.get(service) ?? new HealthWatch(connection, service, tools);
  known.set(service, watch);
  watch.addListener(listener);
  return watch;
}

/** Stops listening. The watch ends when nobody listens, but not before the one who takes over had a chance to. */
export function leaveHealthWatch(subchannel: GrpcSubchannel, service: string, listener: () => void): void {
  const known = watches.get(subchannel.getRealSubchannel());
  const watch = known?.get(service);
  watch?.removeListener(listener);
  setImmediate(() => {
    if (watch !== undefined && !watch.hasListeners && known?.get(service) === watch) {
      known.delete(service);
      watch.stop();
    }
  });
}
