// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { HealthCheckResponse_ServingStatus as Status } from "./gen/grpc/health/v1/health_pb.ts";

/** Whether a service takes calls. */
export type ServingStatus = "SERVING" | "NOT_SERVING";

/** What a server says about its services through `grpc.health.v1`. */
export interface Health {
  /**
   * Says whether a service takes calls; the empty name is the server as a whole. It holds from when the server is ready
   * until it drains: before and after, everything is NOT_SERVING.
   *
   * @throws ConnectError INVALID_ARGUMENT when the server has no such service.
   */
  set(service: string, status: ServingStatus): void;
  /** What clients are told now. Undefined: the server has no such service. */
  get(service: string): ServingStatus | undefined;
}

/** Receives the status of a service: first as it is, then with each change. */
export interface HealthWatcher {
  onStatus(status: Status): void;
  /** The server goes away: nothing more will come. */
  onEnd(): void;
}

/** {@link Health}, with what the server itself needs. */
export interface HealthState extends Health {
  /** Everything is as it was set; at first, everything was set to SERVING. */
  open(): void;
  /** Everything is NOT_SERVING. */
  close(): void;
  /** Ends every watch, now and later. */
  end(): void;
  /** Starts to watch, and answers with what stops it. */
  watch(service: string, watcher: HealthWatcher): () => void;
  /** The status of everything, by name. */
  list(): Map<string, ServingStatus>;
}

/** Creates the state of a server that is not ready yet. */
export function createHealth(services: readonly string[]): HealthState {
  const wanted = new Map<string, ServingStatus>(["", ...services].map((name) => [name, "SERVING"]));
  const watchers = new Set<{ readonly tell: () => void; readonly watcher: HealthWatcher }>();
  let isOpen = false;
  let ended = false;

  const get = (name: string): ServingStatus | undefined => {
    const status = wanted.get(name);
    return isOpen || status === undefined ? status : "NOT_SERVING";
  };
  const tellAll = (): void => {
    for (const { tell } of watchers) {
      tell();
    }
  };
  const setOpen = (open: boolean): void => {
    isOpen = open;
    tellAll();
  };

  return {
    get,
    set(service, status) {
      if (!wanted.has(service)) {
        const names = [...wanted.keys()].map((name) => JSON.stringify(name)).join(", ");
        throw new ConnectError(
          `the server has no service ${JSON.stringify(service)}, only ${names}`,
          Code.InvalidArgument,
        );
      }
      wanted.set(service, status);
      tellAll();
    },
    open: () => setOpen(true),
    close: () => setOpen(false),
    end() {
      ended = true;
      for (const { watcher } of watchers) {
        watcher.onEnd();
      }
      watchers.clear();
    },
    watch(service, watcher) {
      if (ended) {
        watcher.onEnd();
        return () => {};
      }
      let told: Status | undefined;
      const tell = (): void => {
        const status = toWireStatus(get(service));
        if (status !== told) {
          told = status;
          watcher.onStatus(status);
        }
      };
      const entry = { tell, watcher };
      watchers.add(entry);
      tell();
      return () => watchers.delete(entry);
    },
    list: () => new Map([...wanted.keys()].map((name) => [name, get(name) ?? "NOT_SERVING"])),
  };
}

/** The status as `grpc.health.v1` numbers it. */
export function toWireStatus(status: ServingStatus | undefined): Status {
  return status === undefined ? Status.SERVICE_UNKNOWN : Status[status];
}
