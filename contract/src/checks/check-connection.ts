// SPDX-License-Identifier: Apache-2.0
import { error, type Finding, type ServiceScope } from "./finding.ts";

/** Checks that the connection facts of a service go together. */
export function checkConnection(scope: ServiceScope): readonly Finding[] {
  return [
    ...checkKeepalive(scope),
    ...checkNameResolution(scope),
    ...checkOutlierDetection(scope),
    ...checkIdentity(scope),
  ];
}

function checkKeepalive({ contract }: ServiceScope): readonly Finding[] {
  const { timeMs, serverMinTimeMs } = contract.keepalive;
  if (timeMs >= serverMinTimeMs) {
    return [];
  }
  return [
    error(
      "keepalive-too-often",
      ["keepalive.time_millis", "keepalive.server_min_time_millis"],
      `keepalive.time_millis (${timeMs} ms) is below keepalive.server_min_time_millis (${serverMinTimeMs} ms): the server ` +
        "would count each ping as a strike and close the connection with too_many_pings (gRFC A8). " +
        `Write keepalive.server_min_time_millis: ${timeMs} or less, or raise time_millis to ${serverMinTimeMs} ms or more.`,
    ),
  ];
}

function checkNameResolution({ contract }: ServiceScope): readonly Finding[] {
  const { minTtlMs, maxTtlMs, failureBackoffInitialMs, failureBackoffMaxMs } = contract.nameResolution;
  return [
    ...orderFindings(
      "name-resolution-ttl-order",
      "name_resolution.min_ttl_millis",
      minTtlMs,
      "name_resolution.max_ttl_millis",
      maxTtlMs,
    ),
    ...orderFindings(
      "name-resolution-backoff-order",
      "name_resolution.failure_backoff_initial_millis",
      failureBackoffInitialMs,
      "name_resolution.failure_backoff_max_millis",
      failureBackoffMaxMs,
    ),
  ];
}

function checkOutlierDetection({ contract }: ServiceScope): readonly Finding[] {
  const { policy, outlierDetection } = contract.loadBalancing;
  if (outlierDetection === undefined) {
    return [];
  }
  const { baseEjectionTimeMs, maxEjectionTimeMs } = outlierDetection;
  const order = orderFindings(
    "outlier-detection-order",
    "load_balancing.outlier_detection.base_ejection_time_millis",
    baseEjectionTimeMs,
    "load_balancing.outlier_detection.max_ejection_time_millis",
    maxEjectionTimeMs,
  );
  return policy === "PICK_FIRST" ? [...order, detectionWithoutBalancing] : order;
}

const detectionWithoutBalancing = error(
  "outlier-detection-pick-first",
  ["load_balancing.policy", "load_balancing.outlier_detection"],
  "load_balancing has outlier_detection with policy PICK_FIRST: all calls go to one address, so there is nothing to " +
    "compare it with, and gRPC clients refuse the pair (gRFC A50). Write policy: ROUND_ROBIN, or remove outlier_detection.",
);

function checkIdentity({ contract }: ServiceScope): readonly Finding[] {
  const { mode, serverIdentity } = contract.transportSecurity;
  if (mode !== "PLAINTEXT" || serverIdentity.length === 0) {
    return [];
  }
  return [
    error(
      "server-identity-plaintext",
      ["transport_security.mode", "transport_security.server_identity"],
      "transport_security has server_identity with mode PLAINTEXT: the server presents no certificate, so the identity is " +
        "never checked. Write mode: TLS or MUTUAL_TLS, or remove server_identity.",
    ),
  ];
}

function orderFindings(code: string, low: string, lowMs: number, high: string, highMs: number): readonly Finding[] {
  if (lowMs <= highMs) {
    return [];
  }
  const message = `${low} (${lowMs} ms) is above ${high} (${highMs} ms), its upper bound. Lower the first or raise the second.`;
  return [error(code, [low, high], message)];
}
