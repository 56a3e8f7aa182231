// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from "node:fs/promises";
import type { CredentialsProvider } from "./provider.ts";

/** How often the file is looked at. */
const intervalMs = 1000;

/**
 * The token that a file holds, without the white space around it. The file is looked at once a second at most, and read
 * again when it has changed: for tokens that somebody else rotates, as Kubernetes does with those of service accounts.
 */
export function tokenFromFile(path: string): CredentialsProvider {
  let token = "";
  let stamp = "";
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const { mtimeMs, size, ino } = await stat(path);
    const now = `${mtimeMs}/${size}/${ino}`;
    if (now !== stamp) {
      token = (await readFile(path, "utf8")).trim();
      stamp = now;
    }
    lookedAtMs = performance.now();
  };
  return {
    async token() {
      if (performance.now() >= lookedAtMs + intervalMs) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      return token;
    },
  };
}
