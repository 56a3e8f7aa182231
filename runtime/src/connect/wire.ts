// SPDX-License-Identifier: Apache-2.0
import {
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import type { AttemptHandle, AttemptOptions, UnaryObserver, Wire } from "../wire.ts";
import type { TypedMessage } from "./attempt.ts";
import { ConnectStream } from "./stream.ts";
import { ConnectUnary } from "./unary.ts";

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
      return new ConnectUnary(transport, method, request.message, { attempt, observer, clock });
    },
    startStream(method: DescMethodStreaming, attempt: AttemptOptions, observer): ConnectStream {
      return new ConnectStream(transport, method, attempt, observer, clock);
    },
  };
}
