// SPDX-License-Identifier: Apache-2.0
import {
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import type { Transport, UnaryResponse } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import type { AttemptHandle, AttemptOptions, UnaryEnd, UnaryObserver, Wire } from "../wire.ts";
import { attemptHeader, endOf, type TypedMessage } from "./attempt.ts";
import { endOfFailure } from "./end.ts";
import { ConnectStream } from "./stream.ts";

/** Carries attempts over any Connect transport. */
export function createConnectWire(transport: Transport, clock: Clock): Wire {
  return {
    prepare(method: DescMethod, message: Message): TypedMessage {
      // The size only matters to a replay buffer, which a unary call does not have.
      const byteLength = method.methodKind === "unary" ? 0 : toBinary(method.input, message).byteLength;
      return { message, byteLength };
    },
    startUnary(
      method: DescMethodUnary,
      request: TypedMessage,
      attempt: AttemptOptions,
      observer: UnaryObserver,
    ): AttemptHandle {
      const controller = new AbortController();
      const endsAtMs = endOf(attempt, clock);
      const { timeoutMs, contextValues } = attempt;
      const onFailure = (reason: unknown): void => {
        const facts = { cancelled: controller.signal.aborted, timeUp: clock.nowMs() >= endsAtMs };
        observer.onEnd(asUnary(endOfFailure(reason, facts)));
      };
      transport
        .unary(method, controller.signal, timeoutMs, attemptHeader(attempt), request.message, contextValues)
        .then((response) => observer.onEnd(endOfResponse(response)), onFailure);
      return { cancel: () => controller.abort() };
    },
    startStream(method: DescMethodStreaming, attempt: AttemptOptions, observer): ConnectStream {
      return new ConnectStream(transport, method, attempt, observer, clock);
    },
  };
}

function endOfResponse({ message, header, trailer }: UnaryResponse): UnaryEnd {
  return {
    kind: "server",
    code: 0,
    peer: undefined,
    pushback: undefined,
    message,
    header: () => header,
    trailer: () => trailer,
    error() {
      throw new TypeError("a response is no error");
    },
  };
}

function asUnary(end: ReturnType<typeof endOfFailure>): UnaryEnd {
  return { ...end, message: undefined, header: () => new Headers() };
}
