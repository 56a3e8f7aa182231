// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describeProblems, tryOverrides, warn } from "./process-overrides.ts";

/** How often the file is looked at. */
const intervalMs = 1000;

let users = 0;
let looking: NodeJS.Timeout | undefined;

/**
 * Follows the file that the environment variable `TALARIA_OVERRIDES` names, while a client is open: it is read when the
 * first client opens, and again within a second of each change. No file means no overrides; one that is wrong, or empty as
 * while it is being written, is refused as a whole, with a warning that says everything that is wrong, and the overrides
 * before it stay in force. Returns what to call when the client closes.
 */
export function followOverridesFile(path: string | undefined = process.env.TALARIA_OVERRIDES): () => void {
  users += 1;
  if (users === 1 && path !== undefined && path !== "") {
    read(path);
    // Not `watchFile`: it misses a change that comes before its own first look.
    looking = setInterval(() => read(path), intervalMs).unref();
  }
  return () => {
    users -= 1;
    if (users === 0) {
      clearInterval(looking);
    }
  };
}

const unreadable = "\u0000 unreadable";
let lastText: string | undefined;

function read(path: string): void {
  let text: string | undefined;
  try {
    text = textOf(path);
  } catch (error) {
    if (lastText !== unreadable) {
      lastText = unreadable;
      warn(`${path} cannot be read, and what was in force before stays: ${(error as Error).message}`);
    }
    return;
  }
  if (text === lastText) {
    return;
  }
  lastText = text;
  if (text === undefined) {
    tryOverrides(undefined, path);
    return;
  }
  try {
    const problems = tryOverrides(JSON.parse(text), path);
    if (problems.length > 0) {
      warn(`${path} is refused, and what was in force before stays: ${describeProblems(problems)}`);
    }
  } catch (error) {
    warn(`${path} is refused, and what was in force before stays: it is no JSON: ${(error as Error).message}`);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // Only a file that is not there means no overrides: in an incident, a full table of descriptors must not lift them.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
