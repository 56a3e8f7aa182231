// SPDX-License-Identifier: Apache-2.0
import { constants, type Http2Session } from "node:http2";

/** No stream has a higher number, so a GOAWAY with it refuses none. */
const lastPossibleStream = 2 ** 31 - 1;

/** How long a client may take to answer before it counts as told. */
const answerTimeoutMs = 1000;

/** A session that its client was asked to leave. */
export interface Leaving {
  /** The last stream was closed. */
  onIdle(): void;
}

/**
 * Asks a client to open no more calls, and closes the session after the last call. The client is warned first, and the final
 * GOAWAY follows after one round trip (RFC 9113, section 6.8): calls that were on their way are served, not refused.
 *
 * Without an open call there is no waiting: once it has sent a GOAWAY, nghttp2 reads on only while a stream is open, so the answer
 * would never be seen. A call that is on its way just then is refused unprocessed, and clients repeat it by themselves.
 */
export function goAway(session: Http2Session, isIdle: boolean, reason: string): Leaving {
  if (session.destroyed || session.closed) {
    return { onIdle: () => {} };
  }
  session.goaway(constants.NGHTTP2_NO_ERROR, lastPossibleStream, Buffer.from(reason));
  const close = (): void => {
    clearTimeout(timer);
    if (!session.destroyed && !session.closed) {
      session.close();
    }
  };
  const timer = setTimeout(close, answerTimeoutMs);
  if (isIdle) {
    close();
  } else {
    session.ping(close);
  }
  return { onIdle: close };
}
