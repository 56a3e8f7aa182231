// SPDX-License-Identifier: Apache-2.0
import type { OutlierDetection } from "../policy.ts";
import { durationMillis, parseDuration } from "./parse-duration.ts";
import { isObject, type JsonObject, join, propertyOf, type Report, show } from "./read-json.ts";

/**
 * Reads outlier detection (gRFC A50) in either dialect: proto JSON with camelCase and `10s`, or grpc-js's snake_case with
 * seconds and nanoseconds. What is left out has the gRFC's default. Undefined when it ejects nothing that a contract can
 * say: a contract ejects by failure percentage.
 */
export function parseOutlierDetection(details: JsonObject, path: string, report: Report): OutlierDetection | undefined {
  const failures = property(details, "failurePercentageEjection");
  if (property(details, "successRateEjection") !== undefined) {
    const message =
      "Ejection by success rate (successRateEjection) has no words in a contract, which ejects by failure percentage.";
    report("warning", "success-rate-ejection", path, message);
  }
  const read = (object: JsonObject, name: string, fallback: number): number =>
    readPercentOrCount(object, name, fallback, path, report);
  const times = {
    intervalMs: readTime(details, "interval", 10_000, path, report),
    baseEjectionTimeMs: readTime(details, "baseEjectionTime", 30_000, path, report),
    maxEjectionTimeMs: readTime(details, "maxEjectionTime", 300_000, path, report),
    maxEjectionPercent: read(details, "maxEjectionPercent", 10),
  };
  if (!isObject(failures)) {
    return failures === undefined
      ? undefined
      : report("error", "wrong-type", path, `failurePercentageEjection is ${show(failures)}. Write an object.`);
  }
  const enforced = read(failures, "enforcementPercentage", 100);
  if (enforced !== 100) {
    const message = `enforcementPercentage is ${enforced} %, and a contract always enforces ejections.`;
    report("warning", "partial-enforcement", path, message);
  }
  return {
    ...times,
    failurePercentageThreshold: read(failures, "threshold", 85),
    minimumHosts: read(failures, "minimumHosts", 5),
    requestVolume: read(failures, "requestVolume", 50),
  };
}

function property(object: JsonObject, name: string): unknown {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return propertyOf(object, name) ?? propertyOf(object, snake);
}

function readTime(object: JsonObject, name: string, fallback: number, path: string, report: Report): number {
  const value = property(object, name);
  if (value === undefined) {
    return fallback;
  }
  const duration = typeof value === "string" ? parseDuration(value) : secondsAndNanos(value);
  if (duration === undefined) {
    report("error", "duration", join(path, name), `${name} is ${show(value)}, which is no duration. Write e.g. "10s".`);
    return fallback;
  }
  return durationMillis(duration);
}

function secondsAndNanos(value: unknown): { readonly seconds: number; readonly nanos: number } | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { seconds = 0, nanos = 0 } = value;
  return typeof seconds === "number" && typeof nanos === "number" ? { seconds, nanos } : undefined;
}

function readPercentOrCount(object: JsonObject, name: string, fallback: number, path: string, report: Report): number {
  const value = property(object, name) ?? fallback;
  const most = /percent|threshold/i.test(name) ? 100 : 2_147_483_647;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) {
    return value;
  }
  report(
    "error",
    "out-of-range",
    join(path, name),
    `${name} is ${show(value)}. Write a whole number from 0 to ${most}.`,
  );
  return fallback;
}
