// SPDX-License-Identifier: Apache-2.0
import { constants, type Http2Session } from "node:http2";

/** No stream has a higher number, so a GOAWAY with it refuses none. */
const lastPossibleStream = 2 ** 31 - 1;

/** How long a client may take to answer before it counts as told. */
const answerTimeoutMs = 1000;

/**
 * Asks a client to open no more calls, and closes the session after the last call. The client is warned first, and the final
 * GOAWAY follows after one round trip (RFC 9113, section 6.8): calls that were on their way are served, not refused.
 */
export function goAway(session: Http2Session, reason: string): void {
  if (session.destroyed || session.closed) {
    return;
  }
  session.goaway(constants.NGHTTP2_NO_ERROR, lastPossibleStream, Buffer.from(reason));
  const close = (): void => {
    clearTimeout(timer);
    if (!session.destroyed && !session.closed) {
      session.close();
    }
  };
  const timer = setTimeout(close, answerTimeoutMs);
  session.ping(close);
}

/** Ends a connection whose client pings too often (gRFC A8): all its calls fail, and its client is to ping
 * half as often. */
export function refusePings(session: Http2Session): void {
  session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
