// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import type { AttemptHandle, AttemptOptions, StreamHandle, StreamObserver, UnaryObserver, Wire } from "../wire.ts";
import { directLineOf } from "./balancing/balanced-channel.ts";
import type { OpenChannel } from "./channel.ts";
import { type EncodedMessage, encodeMessage } from "./prepare.ts";
import { StreamAttempt } from "./stream-attempt.ts";
import { UnaryAttempt } from "./unary-attempt.ts";

/** Carries attempts over a grpc-js channel. */
export function createGrpcWire({ channel, connections }: OpenChannel): Wire {
  const route = { channel, line: directLineOf(channel) };
  const paths = new Map<DescMethod, string>();
  const pathOf = (method: DescMethod): string => {
    let path = paths.get(method);
    if (path === undefined) {
      path = `/${method.parent.typeName}/${method.name}`;
      paths.set(method, path);
    }
    return path;
  };
  return {
    prepare: encodeMessage,
    onTimeout: (peer) => connections.onTimeout(peer),
    startUnary(
      method: DescMethodUnary,
      request: EncodedMessage,
      attempt: AttemptOptions,
      observer: UnaryObserver,
    ): AttemptHandle {
      return new UnaryAttempt(route, pathOf(method), method, request, attempt, observer);
    },
    startStream(method: DescMethodStreaming, attempt: AttemptOptions, observer: StreamObserver): StreamHandle {
      return new StreamAttempt(channel, pathOf(method), method, attempt, observer);
    },
  };
}
