// SPDX-License-Identifier: Apache-2.0
import { type Channel, Metadata, connectivityState as State } from "@grpc/grpc-js";
import { type GrpcPicker, type GrpcPickResult, PickResultType } from "./surface.ts";

/**
 * The way from the calls of a channel straight to its connections. A call of grpc-js waits for a name to be resolved, for a
 * connection to be picked and for filters, and does so even when there is nothing to wait for, at more than half the
 * cost of the call. While the balancer has connections that are ready, this line picks one of them at once.
 */
export class DirectLine {
  /** What calls give as `:authority`. */
  readonly authority: string;
  #picker: GrpcPicker | undefined;

  constructor(authority: string) {
    this.authority = authority;
  }

  /** The balancer picks by this from now on. Absent: it has no connection that is ready. */
  set picker(picker: GrpcPicker | undefined) {
    this.#picker = picker;
  }

  /** Picks a connection for a call; none when the call has to wait for one, or cannot have any. */
  pick(channel: Channel): GrpcPickResult | undefined {
    // Asking with `true` is also what keeps the channel from going idle.
    if (this.#picker === undefined || channel.getConnectivityState(true) !== State.READY) {
      return undefined;
    }
    const pick = this.#picker.pick(noCall);
    return pick.pickResultType === PickResultType.COMPLETE && pick.subchannel?.getConnectivityState() === State.READY
      ? pick
      : undefined;
  }
}

/** No policy of ours picks by what a call carries. */
const noCall = { metadata: new Metadata(), extraPickInfo: {} };
