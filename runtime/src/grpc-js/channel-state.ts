// SPDX-License-Identifier: Apache-2.0
import { type Channel, connectivityState as State } from "@grpc/grpc-js";

/** The states of a channel (gRPC connectivity semantics). */
export type ChannelState = "IDLE" | "CONNECTING" | "READY" | "TRANSIENT_FAILURE" | "SHUTDOWN";

/** The state of a channel. Asking does not make it connect. */
export function stateOf(channel: Channel): ChannelState {
  return State[channel.getConnectivityState(false)] as ChannelState;
}
