// SPDX-License-Identifier: Apache-2.0
import { type Channel, Client, credentials, Metadata, type ServiceError, status as Status } from "@grpc/grpc-js";
import { until } from "./scenario.ts";

/** What calls came to. */
export interface CallTally {
  /** Calls that ended, by status: `OK`, `UNAVAILABLE`, ... */
  readonly byStatus: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
}

/** More calls in flight than this would only be a queue in front of a busy machine. */
const mostInFlight = 500;

/** Calls at a steady rate, through each of several channels, until told to stop. */
export class Load implements AsyncDisposable {
  readonly #byStatus: Map<string, number> = new Map();
  readonly #failures: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #ended = 0;
  #idle: (() => void) | undefined;

  /**
   * Begins `callsPerSecond` calls a second through each channel. The channels take turns, so that calls do not come in bursts; a
   * machine that is busy makes calls late, but none fewer. It begins `most` calls in all.
   */
  static start(
    channels: readonly Channel[],
    callsPerSecond: number,
    deadlineMs = 5000,
    most = Number.POSITIVE_INFINITY,
  ): Load {
    const load = new Load();
    const clients = channels.map(clientOf);
    const callsPerMs = (callsPerSecond * channels.length) / 1000;
    const startedAtMs = performance.now();
    let started = 0;
    load.#timer = setInterval(() => {
      const due = (performance.now() - startedAtMs) * callsPerMs;
      for (; started < Math.min(due, most) && load.#inFlight < mostInFlight; started += 1) {
        load.#call(clients[started % clients.length] as Client, deadlineMs);
      }
    }, 5);
    return load;
  }

  /** Waits until so many more calls have ended. On a busy machine that says more than a time would. */
  async calls(count: number): Promise<void> {
    const end = this.#ended + count;
    await until(`${count} calls end`, () => this.#ended >= end, 600_000);
  }

  get tally(): CallTally {
    return { byStatus: new Map(this.#byStatus), failures: [...this.#failures] };
  }

  /** Stops, and waits for the calls in flight. */
  async stop(): Promise<CallTally> {
    clearInterval(this.#timer);
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    return this.tally;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #call(client: Client, deadlineMs: number): void {
    this.#inFlight += 1;
    void callOnce(client, deadlineMs).then((error) => {
      const name = error === undefined ? "OK" : (Status[error.code] ?? String(error.code));
      this.#byStatus.set(name, (this.#byStatus.get(name) ?? 0) + 1);
      if (error !== undefined) {
        this.#failures.push(error.message);
      }
      this.#inFlight -= 1;
      this.#ended += 1;
      if (this.#inFlight === 0) {
        this.#idle?.();
      }
    });
  }
}

/** A client of any method, on a channel that is open already. */
export function clientOf(channel: Channel): Client {
  return new Client("unused", credentials.createInsecure(), { channelOverride: channel });
}

/** Makes one unary call. Resolves with its error, if it failed. */
export function callOnce(
  client: Client,
  deadlineMs = 5000,
  header: Readonly<Record<string, string>> = {},
): Promise<ServiceError | undefined> {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(header)) {
    metadata.set(key, value);
  }
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      "/test.v1.Test/Call",
      (message: Buffer) => message,
      (message: Buffer) => message,
      Buffer.alloc(0),
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error) => resolve(error ?? undefined),
    );
  });
}
