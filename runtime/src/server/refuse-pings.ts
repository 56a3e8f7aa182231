// SPDX-License-Identifier: Apache-2.0
import { constants, type Http2Session } from "node:http2";

/** Ends a connection whose client pings too often (gRFC A8): all its calls fail, and its client is to ping
 * half as often. */
export function refusePings(session: Http2Session): void {
  session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
