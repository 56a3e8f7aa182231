// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import { ScriptedServer, type VirtualClock } from "@talaria/runtime/testing";
import type {
  AttemptHandle,
  AttemptOptions,
  StreamHandle,
  StreamObserver,
  UnaryObserver,
  Wire,
} from "../../runtime/src/wire.ts";
import type { RequestScript, ScriptedRequest } from "./scripted-server.ts";

/**
 * The wire of one call: a scripted server, and before it a channel that refuses requests by itself, and that sends again,
 * on its own, what provably reached no handler.
 */
export class ChannelWire implements Wire {
  readonly server: ScriptedServer;
  readonly #script: RequestScript;
  readonly #clock: VirtualClock;

  constructor(script: RequestScript, clock: VirtualClock) {
    const play = ({ number }: { readonly number: number }): ScriptedRequest["answer"] => script(number - 1).answer;
    this.server = new ScriptedServer({ assignCourier: play, trackCourier: play }, clock);
    this.#script = script;
    this.#clock = clock;
  }

  prepare(...message: Parameters<Wire["prepare"]>): ReturnType<ScriptedServer["prepare"]> {
    return this.server.prepare(...message);
  }

  startUnary(
    method: DescMethodUnary,
    request: ReturnType<ScriptedServer["prepare"]>,
    options: AttemptOptions,
    observer: UnaryObserver,
  ): AttemptHandle {
    const endsAtMs = this.#clock.nowMs() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
    let handle: AttemptHandle;
    const send = (timeoutMs: number | undefined): void => {
      const sent = this.#script(this.server.attempts.length);
      handle = this.server.startUnary(
        method,
        request,
        { ...plain(options), timeoutMs },
        {
          onEnd: (end) => {
            if (end.kind === "unprocessed" && sendsAgain(sent, options)) {
              send(timeoutMs === undefined ? undefined : endsAtMs - this.#clock.nowMs());
            } else {
              observer.onEnd(sent.dropped ? { ...end, kind: "local" } : end);
            }
          },
        },
      );
    };
    send(options.timeoutMs);
    return { cancel: () => handle.cancel() };
  }

  startStream(method: DescMethodStreaming, options: AttemptOptions, observer: StreamObserver): StreamHandle {
    return this.server.startStream(method, options, {
      onHeader: (header) => observer.onHeader(header),
      onMessage: (message: Message) => observer.onMessage(message),
      onEnd: (end) => observer.onEnd(end),
    });
  }
}

function sendsAgain({ transparentRetry }: ScriptedRequest, options: AttemptOptions): boolean {
  return transparentRetry === "always" || (transparentRetry === "once" && options.takeResend());
}

/** The options of an attempt are getters of the attempt itself. */
function plain({
  header,
  contextValues,
  previousAttempts,
  waitForReady,
}: AttemptOptions): Omit<AttemptOptions, "timeoutMs"> {
  return { header, contextValues, previousAttempts, waitForReady, takeResend: () => false };
}
