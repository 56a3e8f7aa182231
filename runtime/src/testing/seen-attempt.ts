// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, MessageShape } from "@bufbuild/protobuf";
import type { StatusCode } from "@talaria/contract";
import type { EndKind } from "../wire.ts";

/** An attempt as the scripted server saw it. It changes while the attempt is under way. */
export interface SeenAttempt<M extends DescMethod = DescMethod> {
  /** The name of the method, as the client has it: `getOrder`. */
  readonly method: string;
  /** Which attempt of this method it is, from 1, over all calls. */
  readonly number: number;
  /** How many attempts of the same call came before: the header `grpc-previous-rpc-attempts`. */
  readonly previousAttempts: number;
  /** The request messages that have come. */
  readonly messages: readonly MessageShape<M["input"]>[];
  /** The client has said that no more messages follow. */
  readonly requestEnded: boolean;
  /** The headers that the caller gave. */
  readonly header: Headers;
  /** The time the server was told it has, in milliseconds. Absent: as long as it likes. */
  readonly timeoutMs: number | undefined;
  /** When it started, on the client's clock. */
  readonly startedAtMs: number;
  /** Set when it has ended. */
  readonly end: SeenEnd | undefined;
  /** The client cancelled it, e.g. because its caller did, or because another copy won. */
  readonly cancelled: boolean;
}

/** How an attempt ended. */
export interface SeenEnd {
  /** Where the end came from: `server`, `timeout`, `cancelled`, `connection_lost`, `unprocessed` (refused) or `local`. */
  readonly kind: EndKind;
  readonly code: StatusCode;
  /** When, on the client's clock. */
  readonly atMs: number;
}
