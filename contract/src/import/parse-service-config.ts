// SPDX-License-Identifier: Apache-2.0
import { parseLoadBalancing } from "./parse-load-balancing.ts";
import { parseMethodConfig } from "./parse-method-config.ts";
import type {
  ConfigProblem,
  ParsedMethodConfig,
  ParsedRetryThrottling,
  ParsedServiceConfig,
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
import { readPositive } from "./read-values.ts";

const configFields = new Set([
  "loadBalancingPolicy",
  "loadBalancingConfig",
  "methodConfig",
  "retryThrottling",
  "healthCheckConfig",
]);
const throttlingFields = new Set(["maxTokens", "tokenRatio"]);
const healthCheckFields = new Set(["serviceName"]);

/**
 * Reads a gRPC service config, as JSON that is already parsed, by the rules of gRFC A6 and A21: a known field with a wrong
 * value makes clients refuse the whole config, an unknown one is passed over. Where clients in different languages
 * disagree, the gRFC decides and a warning says who differs. Nothing is thrown, and what can be understood of a config
 * that clients refuse is there, so that it can be repaired.
 */
export function parseServiceConfig(json: unknown): ParsedServiceConfig {
  const problems: ConfigProblem[] = [];
  const report: Report = (severity, code, path, message) => {
    problems.push({ code, severity, path, message });
    return undefined;
  };
  const read = isObject(json) ? readConfig(json, report) : notAnObject(json, report);
  const rejected = problems.some(({ severity }) => severity === "error");
  return { verdict: rejected ? "reject" : "accept", problems, ...read };
}

type ConfigContent = Omit<ParsedServiceConfig, "verdict" | "problems">;

function notAnObject(json: unknown, report: Report): ConfigContent {
  report("error", "wrong-type", "", `A service config is an object, and this is ${show(json)}.`);
  return { methodConfig: [] };
}

function readConfig(config: JsonObject, report: Report): ConfigContent {
  reportUnknown(config, configFields, "", report);
  const loadBalancing = parseLoadBalancing(config, report);
  const methodConfig = readList(config, "methodConfig", "", report).flatMap((value, index) => {
    const entry = parseMethodConfig(value, `methodConfig[${index}]`, report);
    return entry === undefined ? [] : [entry];
  });
  reportDuplicates(methodConfig, report);
  const throttling = readObject(config, "retryThrottling", "", report);
  const healthCheck = readObject(config, "healthCheckConfig", "", report);
  return {
    ...(loadBalancing === undefined ? {} : { loadBalancing }),
    methodConfig,
    ...(throttling === undefined ? {} : { retryThrottling: readThrottling(throttling, report) }),
    ...(healthCheck === undefined ? {} : { healthCheckConfig: readHealthCheck(healthCheck, report) }),
  };
}

function reportDuplicates(entries: readonly ParsedMethodConfig[], report: Report): void {
  const places = new Map<string, string>();
  for (const { path, service, method } of entries.flatMap(({ names }) => names)) {
    const key = JSON.stringify([service, method]);
    const first = places.get(key);
    if (first === undefined) {
      places.set(key, path);
      continue;
    }
    const what = service === "" ? "The default" : method === "" ? service : `${service}/${method}`;
    const message =
      `${what} is named twice, first at ${first}, and only one entry can hold: clients refuse the whole config. Remove ` +
      "one of them.";
    report("error", "duplicate-name", path, message);
  }
}

const maxTokensMost = 1000;

function readThrottling(throttling: JsonObject, report: Report): ParsedRetryThrottling {
  const path = "retryThrottling";
  reportUnknown(throttling, throttlingFields, path, report);
  const maxTokens = readPositive(throttling, "maxTokens", path, report);
  const tokenRatio = readPositive(throttling, "tokenRatio", path, report);
  const thousandths = tokenRatio === undefined ? undefined : Math.trunc(tokenRatio * 1000 + 1e-6) / 1000;
  const inRange = maxTokens === undefined || (Number.isInteger(maxTokens) && maxTokens <= maxTokensMost);
  if (!inRange) {
    const message = `maxTokens is ${maxTokens}, and must be a whole number from 1 to ${maxTokensMost} (gRFC A6): clients refuse the whole config.`;
    report("error", "max-tokens", join(path, "maxTokens"), message);
  }
  if (thousandths === 0) {
    const message = `tokenRatio is ${tokenRatio}, and gRFC A6 keeps three decimals, which are 0. Write 0.001 or more.`;
    report("error", "token-ratio", join(path, "tokenRatio"), message);
  } else if (thousandths !== undefined && thousandths !== tokenRatio) {
    const message = `tokenRatio is ${tokenRatio}, and clients keep three decimals (gRFC A6). Write ${thousandths}.`;
    report("warning", "token-ratio-precision", join(path, "tokenRatio"), message);
  }
  return {
    ...(maxTokens === undefined || !inRange ? {} : { maxTokens }),
    ...(thousandths === undefined || thousandths === 0 ? {} : { tokenRatio: thousandths }),
  };
}

function readHealthCheck(healthCheck: JsonObject, report: Report): { readonly serviceName: string } {
  reportUnknown(healthCheck, healthCheckFields, "healthCheckConfig", report);
  if (propertyOf(healthCheck, "serviceName") === undefined) {
    const message = "healthCheckConfig has no serviceName, so clients ask for the health of the whole server.";
    report("warning", "health-check-name-missing", "healthCheckConfig", message);
  }
  return { serviceName: readText(healthCheck, "serviceName", "healthCheckConfig", report) };
}
