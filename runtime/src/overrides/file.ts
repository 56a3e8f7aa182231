// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { locateJson } from "./locate.ts";
import type { OverrideProblem } from "./overrides.ts";
import { publish, tryOverrides, warn } from "./process-overrides.ts";

/** How often the file is looked at. */
const intervalMs = 1000;

let users = 0;
let looking: NodeJS.Timeout | undefined;

/**
 * Follows the file that the environment variable `TALARIA_OVERRIDES` names, while a client is open: it is read when the
 * first client opens, and again within a second of each change. No file means no overrides; that it is not there is said once,
 * with a warning, since its name may be wrong. One that is wrong, or empty as while it is being written, is refused as a whole,
 * with a warning that says everything that is wrong and where, and the overrides before it stay in force. Returns what to call
 * when the client closes.
 */
export function followOverridesFile(path: string | undefined = process.env.TALARIA_OVERRIDES): () => void {
  users += 1;
  if (users === 1 && path !== undefined && path !== "") {
    if (followed?.path !== path) {
      followed = { path, seen: { kind: "nothing" } };
    }
    const file = followed;
    look(file);
    // Not `watchFile`: it misses a change that comes before its own first look.
    looking = setInterval(() => look(file), intervalMs).unref();
  }
  return () => {
    users -= 1;
    if (users === 0) {
      clearInterval(looking);
    }
  };
}

/** What a look at the file finds; `nothing` before the first. */
type Sight =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" | "nothing" }
  | { readonly kind: "unreadable"; readonly why: string };

interface FollowedFile {
  readonly path: string;
  seen: Sight;
}

let followed: FollowedFile | undefined;

function look(file: FollowedFile): void {
  const { path, seen: before } = file;
  const sight = read(path);
  file.seen = sight;
  if (before.kind === sight.kind && textOf(before) === textOf(sight)) {
    return;
  }
  switch (sight.kind) {
    case "text":
      apply(path, sight.text);
      break;
    case "unreadable":
      warn(`${path} cannot be read, and what was in force before stays: ${sight.why}`);
      break;
    default:
      if (before.kind === "nothing") {
        warnOfMissing(path);
      } else {
        tryOverrides(undefined, path);
      }
  }
}

/** Not being there is how a file says that nothing is overridden, and also what a mistake in its name looks like. */
function warnOfMissing(path: string): void {
  publish({ kind: "missing", source: path });
  const folder = existsSync(dirname(path)) ? "" : ", nor is its folder";
  warn(
    `TALARIA_OVERRIDES names ${path}, which is not there${folder}: nothing is overridden by it; ` +
      "it is looked for every second, and read as soon as it is there",
  );
}

function apply(path: string, text: string): void {
  const { placeOf, brokenAt } = locateJson(text);
  const refuse = (problems: readonly OverrideProblem[]): void => {
    const lines = problems.map(
      ({ path: at, message, line, column }) => `\n  ${path}:${line ?? 1}:${column ?? 1}: ${`${at} ${message}`.trim()}`,
    );
    warn(`${path} is refused, and what was in force before stays:${lines.join("")}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const problem = { path: "", message: `it is no JSON: ${(error as Error).message}`, ...brokenAt };
    publish({ kind: "refused", problems: [problem], source: path });
    refuse([problem]);
    return;
  }
  const tried = tryOverrides(json, path, (problem) => {
    // What is missing is missed where it should stand.
    const place = placeOf(problem.path) ?? placeOf(problem.path.replace(/\.?[^.]*$/, "")) ?? placeOf("");
    return { ...problem, ...place };
  });
  if (tried.kind === "refused") {
    refuse(tried.problems);
  }
}

function textOf(sight: Sight): string | undefined {
  return sight.kind === "text" ? sight.text : undefined;
}

function read(path: string): Sight {
  try {
    // Some editors begin a file with a byte order mark, which is no JSON.
    return { kind: "text", text: readFileSync(path, "utf8").replace(/^\uFEFF/, "") };
  } catch (error) {
    // Only a file that is not there means no overrides: in an incident, a full table of descriptors must not lift them.
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "missing" } : { kind: "unreadable", why: message };
  }
}
