// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import type { Surroundings } from "../command.ts";
import { UserError } from "../user-error.ts";
import { findBuf } from "./find-buf.ts";

/**
 * Runs the real buf and answers with what it writes.
 *
 * @throws UserError with what buf says when it fails.
 */
export async function runBuf(args: readonly string[], surroundings: Surroundings): Promise<Buffer> {
  const buf = findBuf(surroundings);
  const { folder, env, signal } = surroundings;
  const child = spawn(buf, args, { cwd: folder, env, signal, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  const messages: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => messages.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).catch((error: Error) => {
    throw signal.aborted ? error : new UserError(`${buf} cannot be started: ${error.message}`);
  });
  if (code !== 0) {
    const text = Buffer.concat(messages).toString().trimEnd();
    throw new UserError(`\`buf ${args.join(" ")}\` failed:\n${text}`);
  }
  return Buffer.concat(output);
}
