// SPDX-License-Identifier: Apache-2.0
import type { ServiceContract } from "@talaria/contract";
import type { AdminOptions } from "./admin.ts";
import type { DrainReport, OnServerEvent } from "./events.ts";
import type { Health } from "./health.ts";

/** How a server runs, whatever it is made with. */
export interface ServeOptions {
  /**
   * The contracts of the services on this port: `orderServiceContract` as it was generated, or `contractOf(OrderService)`.
   * Where they differ, each keeps its promise: connections live as long as the shortest age, calls get the longest grace.
   */
  readonly contracts: readonly ServiceContract[];
  /** 0: any that is free. */
  readonly port: number;
  /** The address to listen on. Default: `0.0.0.0`. */
  readonly host?: string;
  /** Answers probes and preStop hooks over HTTP. Default: none. */
  readonly admin?: AdminOptions;
  /**
   * Whether SIGTERM and SIGINT drain the server and then end the process; a second one ends the drain at once. Default: true.
   * Several servers in one process share the handler: the process ends when all have drained.
   */
  readonly signals?: boolean;
  /** Receives each step. They are published on the diagnostics channel `talaria.server`, too. */
  readonly onEvent?: OnServerEvent;
  /** Releases what calls have used, such as database connections. Runs once, when no call is left. */
  readonly onClosed?: () => void | Promise<void>;
}

/** Where a server is in its life. */
export type ServerState = "starting" | "serving" | "draining" | "closed";

/** A server under a contract. Disposing of it drains it. */
export interface RunningServer extends AsyncDisposable {
  readonly state: ServerState;
  /** The status of each service. Everything is NOT_SERVING before `ready` and while the server drains. */
  readonly health: Health;
  /** The port of the admin endpoint; undefined when there is none. */
  readonly adminPort: number | undefined;
  /** Aborted when the grace begins. Handlers of endless streams end them then. */
  readonly draining: AbortSignal;
  /**
   * Opens the gate after whatever has to be warm: listens, and says SERVING. Nothing listens before, so an early caller is
   * refused, and goes elsewhere, instead of being served cold. Resolves with the port.
   *
   * @throws whatever prevents it from listening, and ConnectError FAILED_PRECONDITION when the server drains already.
   */
  ready(): Promise<number>;
  /** Takes the server out of service without failing a call. However often it is asked for, it happens once. */
  drain(): Promise<DrainReport>;
  /** Ends a drain at once, or drains without notice and grace: calls in flight fail as UNAVAILABLE. */
  close(): Promise<DrainReport>;
}
