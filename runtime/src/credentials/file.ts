// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from "node:fs/promises";
import type { CredentialsProvider } from "./provider.ts";

/** How often the file is looked at. */
const intervalMs = 1000;

/**
 * The token that a file holds, without the white space around it. The file is looked at once a second at most, and read
 * again when it has changed: for tokens that somebody else rotates, as Kubernetes does with those of service accounts. While it is
 * missing or empty, as in the middle of a rotation, the last token goes on; a process warning with the code `TALARIA_TOKEN` says so.
 */
export function tokenFromFile(path: string): CredentialsProvider {
  let token = "";
  let stamp = "";
  let isWarned = false;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const { mtimeMs, size, ino } = await stat(path);
    const now = `${mtimeMs}/${size}/${ino}`;
    if (now !== stamp) {
      const text = (await readFile(path, "utf8")).trim();
      if (text === "") {
        throw new Error(`${path} is empty`);
      }
      token = text;
      stamp = now;
    }
    isWarned = false;
  };
  const look = async (): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (token === "") {
        throw error;
      }
      if (!isWarned) {
        process.emitWarning(`the last token is used on: ${(error as Error).message}`, { code: "TALARIA_TOKEN" });
      }
      isWarned = true;
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
