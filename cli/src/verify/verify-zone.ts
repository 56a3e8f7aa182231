// SPDX-License-Identifier: Apache-2.0
import { parseServiceConfig } from "@talaria/contract";
import type { ConfigFile } from "../read-config-file.ts";
import type { VerifyFinding } from "./verify-config.ts";

/** A TXT record of a master file. */
interface ZoneRecord {
  readonly owner: string;
  readonly strings: readonly string[];
}

/** What a zone file says, and what keeps clients from reading it. */
export interface ReadZone {
  /** The service config in it. Absent: there is none that every client takes. */
  readonly config?: ConfigFile;
  readonly findings: readonly VerifyFinding[];
}

/** Who asks for which owner (gRFC A2). */
const owners: ReadonlyMap<string, string> = new Map([
  ["@", "grpc-js asks for it"],
  ["_grpc_config", "all clients but grpc-js ask for it"],
]);

const prefix = "grpc_config=";
const longestString = 255;

/** Reads the service config from the TXT records of a master file. */
export function readZone(path: string, text: string): ReadZone {
  const records = readRecords(text).filter(({ strings }) => strings.join("").startsWith(prefix));
  const finding = (element: string, message: string): VerifyFinding => ({ file: path, element, message });
  const missing = [...owners]
    .filter(([owner]) => !records.some((record) => record.owner === owner))
    .map(([owner, who]) => finding(owner, `there is no TXT record with ${prefix} here, and ${who}.`));
  const [first, ...others] = records.map(({ strings }) => strings.join(""));
  const different = others.some((other) => other !== first)
    ? [finding("", "The records say different things, and which one a client reads depends on its language.")]
    : [];
  const long = records
    .filter(({ strings }) => strings.some((string) => string.length > longestString))
    .map(({ owner }) => finding(owner, `a string has more than ${longestString} bytes, which DNS cannot carry.`));
  const findings = [...missing, ...different, ...long];
  const choice = first === undefined ? undefined : onlyChoice(first.slice(prefix.length));
  if (first !== undefined && choice === undefined) {
    return { findings: [...findings, finding("", "The record is no list with one choice that every client takes.")] };
  }
  return choice === undefined
    ? { findings }
    : { findings, config: { path, config: parseServiceConfig(choice), placeOf: () => undefined } };
}

/** A condition, by language, host or share of the clients, would leave the contract to some and not to others. */
function onlyChoice(json: string): unknown {
  try {
    const choices: unknown = JSON.parse(json);
    const [choice, ...more]: unknown[] = Array.isArray(choices) ? choices : [];
    const isOnly = more.length === 0 && typeof choice === "object" && choice !== null && "serviceConfig" in choice;
    return isOnly && Object.keys(choice).length === 1 ? choice.serviceConfig : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the TXT records of a master file (RFC 1035, 5.1). */
function readRecords(text: string): readonly ZoneRecord[] {
  const records: ZoneRecord[] = [];
  let tokens: string[] = [];
  let depth = 0;
  for (const [token] of `${text}\n`.matchAll(/;[^\n]*|"(?:[^"\\]|\\.)*"|[()]|\n|[^\s;"()]+/g)) {
    depth += token === "(" ? 1 : token === ")" ? -1 : 0;
    if (token === "\n" && depth === 0) {
      const [owner, ...rest] = tokens;
      if (owner !== undefined && rest.includes("TXT")) {
        records.push({ owner, strings: rest.slice(rest.indexOf("TXT") + 1).map(unquote) });
      }
      tokens = [];
    } else if (!/^[;()\n]/.test(token)) {
      tokens.push(token);
    }
  }
  return records;
}

function unquote(token: string): string {
  return token
    .replace(/^"(.*)"$/s, "$1")
    .replace(/\\(?:(\d{3})|(.))/g, (_, code?: string, char?: string) =>
      code === undefined ? (char ?? "") : String.fromCharCode(Number(code)),
    );
}
