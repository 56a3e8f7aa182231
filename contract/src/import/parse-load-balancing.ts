// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancing, OutlierDetection } from "../policy.ts";
import { parseOutlierDetection } from "./parse-outlier-detection.ts";
import { isObject, type JsonObject, join, propertyOf, type Report, readList, show } from "./read-json.ts";

/** One load balancing policy that a config names. */
export interface ParsedLoadBalancing {
  /** Its place in the JSON. */
  readonly path: string;
  /** As gRPC names it, e.g. `round_robin`. */
  readonly name: string;
  /** The same as a contract says it. Absent: a contract has no words for it. */
  readonly policy?: LoadBalancing["policy"];
  readonly outlierDetection?: OutlierDetection;
}

const policies: ReadonlyMap<string, LoadBalancing["policy"]> = new Map([
  ["pick_first", "PICK_FIRST"],
  ["round_robin", "ROUND_ROBIN"],
  ["weighted_round_robin", "WEIGHTED_ROUND_ROBIN"],
] as const);

/** Further policies that some gRPC implementation has. */
const otherPolicies: ReadonlySet<string> = new Set([
  "grpclb",
  "least_request_experimental",
  "priority_experimental",
  "random_subsetting_experimental",
  "ring_hash_experimental",
  "rls_experimental",
  "weighted_target_experimental",
  "xds_cluster_manager_experimental",
  "xds_cluster_resolver_experimental",
  "xds_wrr_locality_experimental",
]);

const outlierDetectionNames: ReadonlySet<string> = new Set(["outlier_detection", "outlier_detection_experimental"]);

/** Reads how a config balances load: `loadBalancingConfig`, or the older `loadBalancingPolicy` where there is none. */
export function parseLoadBalancing(config: JsonObject, report: Report): readonly ParsedLoadBalancing[] | undefined {
  const choices = readChoices(config, "loadBalancingConfig", "", report);
  const older = readOlderPolicy(config, report);
  if (choices !== undefined && choices.length === 0 && older === undefined) {
    return undefined;
  }
  return choices === undefined || choices.length === 0 ? older : choices;
}

/** A list of which clients take the first policy they know. Undefined when the property is absent. */
function readChoices(
  object: JsonObject,
  name: string,
  path: string,
  report: Report,
): readonly ParsedLoadBalancing[] | undefined {
  if (propertyOf(object, name) === undefined) {
    return undefined;
  }
  const list = readList(object, name, path, report);
  const choices = list.flatMap((value, index) => readChoice(value, `${join(path, name)}[${index}]`, report));
  if (list.length > 0 && choices.length === 0) {
    const message =
      `${name} names no policy that a client knows: clients refuse the whole config (gRFC A24), and grpc-js falls back to ` +
      'pick_first. End the list with {"round_robin": {}}.';
    report("error", "no-load-balancing-policy", join(path, name), message);
  }
  return choices;
}

function readChoice(value: unknown, path: string, report: Report): readonly ParsedLoadBalancing[] {
  const [name, ...others] = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || name === undefined || others.length > 0) {
    const message = `${show(value)} is no load balancing policy. Write an object with one property, its name.`;
    report("error", "wrong-type", path, message);
    return [];
  }
  const details = value[name] ?? {};
  if (!isObject(details)) {
    report("error", "wrong-type", join(path, name), `${name} is ${show(details)}. Write an object.`);
    return [];
  }
  const policy = policies.get(name);
  if (policy !== undefined) {
    return [{ path, name, policy }];
  }
  if (outlierDetectionNames.has(name)) {
    return [readOutlierDetection(details, name, path, report)];
  }
  const message = `No client that follows the gRFCs alone knows the policy ${name}; it passes on to the next in the list.`;
  report("warning", "unknown-load-balancing-policy", path, message);
  return otherPolicies.has(name) ? [{ path, name }] : [];
}

function readOutlierDetection(details: JsonObject, name: string, path: string, report: Report): ParsedLoadBalancing {
  const at = join(path, name);
  const child = ["childPolicy", "child_policy"].flatMap((key) => readChoices(details, key, at, report) ?? []);
  const policy = child.find((choice) => choice.policy !== undefined)?.policy;
  const outlierDetection = parseOutlierDetection(details, at, report);
  return {
    path,
    name,
    ...(policy === undefined ? {} : { policy }),
    ...(outlierDetection === undefined ? {} : { outlierDetection }),
  };
}

function readOlderPolicy(config: JsonObject, report: Report): readonly ParsedLoadBalancing[] | undefined {
  const path = "loadBalancingPolicy";
  const value = propertyOf(config, path);
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "string") {
    return report("error", "wrong-type", path, `${path} is ${show(value)}. Write loadBalancingConfig instead.`);
  }
  const name = value.toLowerCase();
  const policy = policies.get(name);
  const message = `${path} is the older form, which not every client reads. Write "loadBalancingConfig": [{"${name}": {}}].`;
  report("warning", "older-load-balancing", path, message);
  return [{ path, name, ...(policy === undefined ? {} : { policy }) }];
}
