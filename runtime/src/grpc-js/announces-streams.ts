// SPDX-License-Identifier: Apache-2.0

/**
 * Whether a version of Node.js publishes the diagnostics channel `http2.client.stream.start`, the only way to the session that a
 * ping goes over. On others nothing is pinged, and a dead connection is left to keepalive.
 */
export function announcesStreams(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 1) || (major === 22 && minor >= 17);
}
