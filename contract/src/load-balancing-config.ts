// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from "./duration.ts";
import type { LoadBalancing, OutlierDetection } from "./policy.ts";

/** One choice of `loadBalancingConfig`: a policy's name, and its configuration in that policy's own words. */
export type LoadBalancingConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const roundRobin: LoadBalancingConfig = { round_robin: {} };

/**
 * Writes load balancing as the list that gRPC clients go through until they find a policy they know. It ends in a policy
 * that every client has, because grpc-js falls back to pick_first, without a word, when it knows none.
 */
export function loadBalancingConfigOf(loadBalancing: LoadBalancing): readonly LoadBalancingConfig[] {
  if (loadBalancing.policy === "PICK_FIRST") {
    return [{ pick_first: {} }];
  }
  const weighted = loadBalancing.policy === "WEIGHTED_ROUND_ROBIN" ? [{ weighted_round_robin: {} }] : [];
  const plain = [...weighted, roundRobin];
  const { outlierDetection } = loadBalancing;
  return outlierDetection === undefined ? plain : [...outlierDetectionConfigs(outlierDetection, plain), ...plain];
}

/**
 * gRFC A50 in its two dialects. grpc-js knows `outlier_detection`, in snake case with seconds and nanoseconds, and
 * silently becomes pick_first on the other form; Go, Java and C++ know `outlier_detection_experimental` in proto JSON.
 */
function outlierDetectionConfigs(
  detection: OutlierDetection,
  children: readonly LoadBalancingConfig[],
): readonly LoadBalancingConfig[] {
  const { failurePercentageThreshold, minimumHosts, requestVolume } = detection;
  return [
    {
      outlier_detection_experimental: {
        interval: formatDuration(detection.intervalMs),
        baseEjectionTime: formatDuration(detection.baseEjectionTimeMs),
        maxEjectionTime: formatDuration(detection.maxEjectionTimeMs),
        maxEjectionPercent: detection.maxEjectionPercent,
        failurePercentageEjection: {
          threshold: failurePercentageThreshold,
          enforcementPercentage: 100,
          minimumHosts,
          requestVolume,
        },
        childPolicy: children,
      },
    },
    {
      outlier_detection: {
        interval: secondsAndNanos(detection.intervalMs),
        base_ejection_time: secondsAndNanos(detection.baseEjectionTimeMs),
        max_ejection_time: secondsAndNanos(detection.maxEjectionTimeMs),
        max_ejection_percent: detection.maxEjectionPercent,
        failure_percentage_ejection: {
          threshold: failurePercentageThreshold,
          enforcement_percentage: 100,
          minimum_hosts: minimumHosts,
          request_volume: requestVolume,
        },
        child_policy: children,
      },
    },
  ];
}

function secondsAndNanos(millis: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(millis / 1000), nanos: (millis % 1000) * 1_000_000 };
}
