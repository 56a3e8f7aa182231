// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Arguments, Surroundings } from "../command.ts";
import { UserError } from "../user-error.ts";
import type { DoctorPlan, Expected, Security } from "./doctor-plan.ts";

/** What a bearer token may consist of (RFC 6750, section 2.1, `b64token`). */
const sendable = /^[A-Za-z0-9._~+/=-]+$/;

/**
 * Reads the bearer token that calls carry. It comes from a file or a variable: everybody on the machine sees a command line. No message
 * repeats what the user wrote, because it might be the token itself.
 *
 * @throws UserError when there is none where it should be, or one that cannot be sent.
 */
export function readToken(
  { values, flags }: Pick<Arguments, "values" | "flags">,
  surroundings: Pick<Surroundings, "folder" | "env">,
): string | undefined {
  const [file, variable] = [values.get("token-file"), values.get("token-env")];
  if (file !== undefined && variable !== undefined) {
    throw new UserError("talaria doctor takes a token from either --token-file or --token-env. Leave out one of them.");
  }
  if (file === undefined && variable === undefined) {
    if (flags.has("token-over-plaintext")) {
      throw new UserError("--token-over-plaintext is about a token, and there is none: pass --token-file FILE.");
    }
    return undefined;
  }
  const token =
    file === undefined ? surroundings.env[variable ?? ""]?.trim() : readTokenFile(resolve(surroundings.folder, file));
  const source = file === undefined ? "the variable that --token-env names" : "the file that --token-file names";
  if (token === undefined || token === "") {
    throw new UserError(
      `There is no token: ${source} is ${token === undefined ? "not set" : "empty"}. Pass where the token is, not the token.`,
    );
  }
  if (!sendable.test(token)) {
    throw new UserError(
      `What ${source} holds is no bearer token: those are letters, digits and -._~+/=. Put the token there alone, without "Bearer".`,
    );
  }
  return token;
}

function readTokenFile(path: string): string {
  try {
    // White space to JavaScript includes the byte order mark that some editors begin a file with.
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unreadable";
    throw new UserError(`The file that --token-file names cannot be read (${code}). Pass a path, not the token.`);
  }
}

/**
 * Refuses to send a token in the clear, as a client of the runtime does, unless the user insists.
 *
 * @throws UserError saying how to go on.
 */
export function checkTokenSecrecy(
  token: string | undefined,
  security: Security,
  expected: Expected | undefined,
  flags: ReadonlySet<string>,
): void {
  if (token === undefined || security.kind === "tls" || flags.has("token-over-plaintext")) {
    return;
  }
  const why =
    flags.has("plaintext") || expected === undefined
      ? "--plaintext connects without TLS"
      : `the transport security of ${expected.contract.service} is PLAINTEXT`;
  throw new UserError(
    `The token would be sent in the clear, because ${why}: use TLS, or, for a token that everybody on the way may read, ` +
      "add --token-over-plaintext.",
  );
}

/** What to try where a server wants to know who calls. */
export function tokenHint(statuses: readonly string[], { token }: Pick<DoctorPlan, "token">): readonly string[] {
  const isRefused = statuses.some((status) => status === "UNAUTHENTICATED" || status === "PERMISSION_DENIED");
  return isRefused && token === undefined
    ? ["Pass the token of a caller: --token-file FILE, or --token-env NAME."]
    : [];
}
