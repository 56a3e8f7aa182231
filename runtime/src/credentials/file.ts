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
  const readChange = changeReader(path);
  let token = "";
  let isWarned = false;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      token = (await readChange()) ?? token;
      isWarned = false;
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

/** Reads the token in a file; undefined when it has not changed since. */
function changeReader(path: string): () => Promise<string | undefined> {
  let stamp = "";
  return async () => {
    const { mtimeMs, size, ino } = await stat(path);
    const now = `${mtimeMs}/${size}/${ino}`;
    if (now === stamp) {
      return undefined;
    }
    const token = (await readFile(path, "utf8")).trim();
    if (token === "") {
      throw new Error(`${path} is empty`);
    }
    stamp = now;
    return token;
  };
}
