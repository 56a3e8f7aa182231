// SPDX-License-Identifier: Apache-2.0
import type { ConfigDuration } from "./parse-duration.ts";
import type {
  ParsedHedgingPolicy,
  ParsedMethodConfig,
  ParsedName,
  ParsedRetryPolicy,
} from "./parsed-service-config.ts";
import {
  isObject,
  type JsonObject,
  join,
  propertyOf,
  type Report,
  readList,
  readObject,
  readText,
  reportUnknown,
  show,
} from "./read-json.ts";
import { readDuration, readMaxAttempts, readPositive, readStatusCodes } from "./read-values.ts";

const methodConfigFields = new Set([
  "name",
  "waitForReady",
  "timeout",
  "retryPolicy",
  "hedgingPolicy",
  "maxRequestMessageBytes",
  "maxResponseMessageBytes",
]);
const retryPolicyFields = new Set([
  "maxAttempts",
  "initialBackoff",
  "maxBackoff",
  "backoffMultiplier",
  "retryableStatusCodes",
  "perAttemptRecvTimeout",
]);
const hedgingPolicyFields = new Set(["maxAttempts", "hedgingDelay", "nonFatalStatusCodes"]);
const nameFields = new Set(["service", "method"]);

/** Reads one entry of `methodConfig`. */
export function parseMethodConfig(value: unknown, path: string, report: Report): ParsedMethodConfig | undefined {
  if (!isObject(value)) {
    return report("error", "wrong-type", path, `${path} is ${show(value)}. Write an object.`);
  }
  reportUnknown(value, methodConfigFields, path, report);
  const names = readNames(value, path, report);
  const waitForReady = readBoolean(value, "waitForReady", path, report);
  const timeout = readTimeout(value, path, report);
  const retry = readObject(value, "retryPolicy", path, report);
  const hedging = readObject(value, "hedgingPolicy", path, report);
  if (retry !== undefined && hedging !== undefined) {
    const message =
      "retryPolicy and hedgingPolicy are both there. They are two answers to the same failure, and clients refuse the " +
      "whole config (gRFC A6). Remove one.";
    report("error", "retry-and-hedging", path, message);
  }
  const maxRequestMessageBytes = readByteCount(value, "maxRequestMessageBytes", path, report);
  const maxResponseMessageBytes = readByteCount(value, "maxResponseMessageBytes", path, report);
  return {
    path,
    names,
    ...(waitForReady === undefined ? {} : { waitForReady }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retry === undefined ? {} : { retryPolicy: readRetryPolicy(retry, join(path, "retryPolicy"), report) }),
    ...(hedging === undefined
      ? {}
      : { hedgingPolicy: readHedgingPolicy(hedging, join(path, "hedgingPolicy"), report) }),
    ...(maxRequestMessageBytes === undefined ? {} : { maxRequestMessageBytes }),
    ...(maxResponseMessageBytes === undefined ? {} : { maxResponseMessageBytes }),
  };
}

function readNames(entry: JsonObject, path: string, report: Report): readonly ParsedName[] {
  const list = readList(entry, "name", path, report);
  if (list.length === 0) {
    const message =
      "The entry has no name, so it applies to no method; grpc-js refuses the whole config. Name what it is for, or " +
      'write "name": [{}] for everything.';
    report("warning", "name-missing", path, message);
  }
  return list.flatMap((value, index): readonly ParsedName[] => {
    const at = `${join(path, "name")}[${index}]`;
    if (!isObject(value)) {
      report("error", "wrong-type", at, `The name is ${show(value)}. Write {"service": "...", "method": "..."}.`);
      return [];
    }
    reportUnknown(value, nameFields, at, report);
    const service = readText(value, "service", at, report);
    const method = readText(value, "method", at, report);
    if (service === "" && method !== "") {
      const message = `The name has the method ${method} and no service: clients refuse the whole config. Add the service.`;
      report("error", "name-without-service", at, message);
      return [];
    }
    return [{ path: at, service, method }];
  });
}

function readTimeout(entry: JsonObject, path: string, report: Report): ConfigDuration | undefined {
  const timeout = readDuration(entry, "timeout", "allowed", path, report);
  const text = propertyOf(entry, "timeout");
  const digits = typeof text === "string" ? /\.(\d+)s$/.exec(text)?.[1] : undefined;
  if (timeout === undefined) {
    return undefined;
  }
  const at = join(path, "timeout");
  if (timeout.seconds === 0 && timeout.nanos === 0) {
    report(
      "warning",
      "timeout-zero",
      at,
      "timeout is 0 s: every call fails at once. Write a longer one, or remove it.",
    );
  } else if (digits !== undefined && digits.length < 9) {
    const misread = Number(digits);
    const message =
      `timeout is ${show(text)}, and grpc-js takes the digits after the point for nanoseconds: it waits ${timeout.seconds} s ` +
      `and ${misread} ns. Write nine digits, "${timeout.seconds}.${String(timeout.nanos).padStart(9, "0")}s", which every ` +
      "language reads alike.";
    report("warning", "timeout-fraction", at, message);
  }
  return timeout;
}

function readRetryPolicy(policy: JsonObject, path: string, report: Report): ParsedRetryPolicy {
  reportUnknown(policy, retryPolicyFields, path, report);
  const maxAttempts = readMaxAttempts(policy, path, report);
  const initialBackoff = readBackoff(policy, "initialBackoff", path, report);
  const maxBackoff = readBackoff(policy, "maxBackoff", path, report);
  const backoffMultiplier = readPositive(policy, "backoffMultiplier", path, report);
  const codes = readStatusCodes(policy, "retryableStatusCodes", path, report);
  const listed = propertyOf(policy, "retryableStatusCodes");
  if (listed === undefined || (Array.isArray(listed) && listed.length === 0)) {
    const message =
      "retryableStatusCodes is missing or empty, so nothing is retried, and clients refuse the whole config (gRFC A6). " +
      'List the codes to retry, e.g. ["UNAVAILABLE"], or remove the policy.';
    report("error", "no-retryable-codes", path, message);
  }
  return {
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(initialBackoff === undefined ? {} : { initialBackoff }),
    ...(maxBackoff === undefined ? {} : { maxBackoff }),
    ...(backoffMultiplier === undefined ? {} : { backoffMultiplier }),
    ...(codes.length === 0 ? {} : { retryableStatusCodes: codes }),
  };
}

function readBackoff(policy: JsonObject, name: string, path: string, report: Report): ConfigDuration | undefined {
  if (propertyOf(policy, name) === undefined) {
    const message = `${name} is missing, and gRFC A6 demands it: clients refuse the whole config. Write e.g. "1s".`;
    return report("error", "backoff-missing", path, message);
  }
  return readDuration(policy, name, "refused", path, report);
}

function readHedgingPolicy(policy: JsonObject, path: string, report: Report): ParsedHedgingPolicy {
  reportUnknown(policy, hedgingPolicyFields, path, report);
  const maxAttempts = readMaxAttempts(policy, path, report);
  const hedgingDelay = readDuration(policy, "hedgingDelay", "allowed", path, report);
  if (propertyOf(policy, "hedgingDelay") === undefined) {
    const message =
      "hedgingDelay is missing: all copies are sent at once, and Java refuses the config. Write the time within which " +
      "most calls have answered.";
    report("warning", "hedging-delay-missing", path, message);
  }
  const nonFatalStatusCodes = readStatusCodes(policy, "nonFatalStatusCodes", path, report);
  return {
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(hedgingDelay === undefined ? {} : { hedgingDelay }),
    nonFatalStatusCodes,
  };
}

function readBoolean(entry: JsonObject, name: string, path: string, report: Report): boolean | undefined {
  const value = propertyOf(entry, name);
  if (value === undefined || typeof value === "boolean") {
    return value;
  }
  const message = `${name} is ${show(value)}: clients refuse the whole config. Write true or false, without quotes.`;
  return report("error", "wrong-type", join(path, name), message);
}

/** Proto JSON writes such numbers plain or as a text. */
function readByteCount(entry: JsonObject, name: string, path: string, report: Report): number | undefined {
  const value = propertyOf(entry, name);
  const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (count === undefined || (typeof count === "number" && Number.isSafeInteger(count) && count >= 0)) {
    return count;
  }
  const message = `${name} is ${show(value)}: clients refuse the whole config. Write a whole number of bytes.`;
  return report("error", "wrong-type", join(path, name), message);
}
