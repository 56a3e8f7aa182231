// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "../policy.ts";
import { statusCodes } from "../status-codes.ts";
import { type ConfigDuration, parseDuration } from "./parse-duration.ts";
import { type JsonObject, join, propertyOf, type Report, readList, show } from "./read-json.ts";

/** Which zero-length times a place allows. */
export type ZeroTime = "allowed" | "refused";

/** A duration; undefined when the property is absent, or a problem when it is none. */
export function readDuration(
  object: JsonObject,
  name: string,
  zero: ZeroTime,
  path: string,
  report: Report,
): ConfigDuration | undefined {
  const value = propertyOf(object, name);
  if (value === undefined) {
    return undefined;
  }
  const at = join(path, name);
  const duration = typeof value === "string" ? parseDuration(value) : undefined;
  if (duration === undefined) {
    const message =
      `${name} is ${show(value)}, which is no duration: clients refuse the whole config (gRFC A6, A21). Write seconds ` +
      'as a text with at most nine digits after the point and an s, e.g. "0.800000000s".';
    return report("error", "duration", at, message);
  }
  if (zero === "refused" && duration.seconds === 0 && duration.nanos === 0) {
    return report("error", "duration", at, `${name} is 0 s, and must be longer (gRFC A6). Write e.g. "0.100000000s".`);
  }
  if (typeof value === "string" && value.startsWith(".")) {
    const message = `${name} is ${show(value)}: grpc-js and Java refuse a duration that begins with the point. Write "0${value}".`;
    report("warning", "duration-not-portable", at, message);
  }
  return duration;
}

/** The number of attempts of a policy; a problem when it is absent, no whole number, or below 2. */
export function readMaxAttempts(policy: JsonObject, path: string, report: Report): number | undefined {
  const value = propertyOf(policy, "maxAttempts");
  const at = join(path, "maxAttempts");
  if (value === undefined) {
    const message =
      "maxAttempts is missing, and gRFC A6 demands it: clients refuse the whole config. Write how many attempts a call " +
      "may make, the first included: 2 to 5.";
    return report("error", "max-attempts-missing", path, message);
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < 2) {
    const message =
      `maxAttempts is ${show(value)}, and must be a whole number of at least 2, because the first attempt counts ` +
      "(gRFC A6): clients refuse the whole config. Write 2 to 5, or remove the policy.";
    return report("error", "max-attempts", at, message);
  }
  if (value > 5) {
    const message = `maxAttempts is ${value}, and clients make no more than 5 attempts (gRFC A6). Write 5 or less.`;
    report("warning", "max-attempts-clamped", at, message);
  }
  return value;
}

/** A list of status codes, by name in any case or by number; empty when absent. */
export function readStatusCodes(policy: JsonObject, name: string, path: string, report: Report): readonly StatusCode[] {
  const codes = readList(policy, name, path, report).flatMap((value, index): readonly StatusCode[] => {
    const at = `${join(path, name)}[${index}]`;
    const code = statusCodeOf(value);
    if (code === undefined) {
      const message =
        `${name} lists ${show(value)}, which is no status code: clients refuse the whole config. Write a name such as ` +
        '"UNAVAILABLE".';
      report("error", "status-code", at, message);
      return [];
    }
    reportCode(name, code, value, at, report);
    return [code];
  });
  return [...new Set(codes)];
}

function reportCode(name: string, code: StatusCode, value: unknown, at: string, report: Report): void {
  if (code === "OK") {
    const message = `${name} lists OK: a success ends the call, and Java refuses such a list. Remove it.`;
    report("warning", "status-code-ok", at, message);
  } else if (typeof value === "string" && value !== code) {
    const message = `${name} lists ${show(value)}: Go and Java know codes in upper case only. Write "${code}".`;
    report("warning", "status-code-not-portable", at, message);
  }
}

function statusCodeOf(value: unknown): StatusCode | undefined {
  if (typeof value === "number") {
    return statusCodes[value];
  }
  return typeof value === "string" ? statusCodes.find((code) => code === value.toUpperCase()) : undefined;
}

/** A number above 0; a problem when it is absent or something else. */
export function readPositive(object: JsonObject, name: string, path: string, report: Report): number | undefined {
  const value = propertyOf(object, name);
  if (typeof value === "number" && Number.isFinite(value) && value > 0) {
    return value;
  }
  const message =
    `${name} is ${value === undefined ? "missing" : show(value)}, and must be a number above 0 (gRFC A6): clients refuse ` +
    "the whole config.";
  return report("error", "not-positive", value === undefined ? path : join(path, name), message);
}
