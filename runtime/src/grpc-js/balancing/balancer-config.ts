// SPDX-License-Identifier: Apache-2.0
import { status as Status } from "@grpc/grpc-js";
import {
  type LoadBalancing,
  type LoadBalancingConfig,
  type MethodPolicy,
  type OutlierDetection,
  type ServiceContract,
  type StatusCode,
  serviceConfigOf,
} from "@talaria/contract";
import { type GrpcBalancerConfig, parseLoadBalancingConfig } from "../surface.ts";

/** The name of our load balancing policy within grpc-js. */
export const balancerName = "talaria";

/** What the balancer of a channel goes by: plain data, because it travels in the channel's service config. */
export interface BalancerSettings {
  /** The policy that spreads calls over the endpoints we let it have. */
  readonly childPolicy: LoadBalancingConfig;
  /** Whether calls are dealt by the load that endpoints report, instead of in turn (gRFC A58). */
  readonly byReportedLoad: boolean;
  readonly failureCodes: readonly number[];
  readonly outlierDetection?: OutlierDetection;
  /** The service to ask health services for. Absent: they are not asked. */
  readonly healthServiceName?: string;
}

const defaultFailureCodes: readonly StatusCode[] = [
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
  "UNKNOWN",
  "DATA_LOSS",
];

/**
 * The `loadBalancingConfig` of a contract's channels. pick_first has one endpoint to go to, so it can neither leave out outliers
 * nor those that are not serving.
 */
export function balancerConfigOf(contract: ServiceContract): readonly LoadBalancingConfig[] {
  const { policy, outlierDetection } = contract.loadBalancing;
  // weighted_round_robin of grpc-js 1.14 starves a server that has not reported yet, for good. Ours deals what round_robin connects.
  const byReportedLoad = policy === "WEIGHTED_ROUND_ROBIN";
  const loadBalancing: LoadBalancing = { policy: byReportedLoad ? "ROUND_ROBIN" : policy };
  const [childPolicy] = serviceConfigOf({ ...contract, loadBalancing }).loadBalancingConfig;
  if (childPolicy === undefined) {
    throw new Error(`no load balancing policy is known for ${policy}`);
  }
  const isSpread = policy !== "PICK_FIRST";
  const settings: BalancerSettings = {
    childPolicy,
    byReportedLoad,
    failureCodes: failureCodesOf(contract.methods).map((code) => Status[code]),
    ...(isSpread && outlierDetection !== undefined ? { outlierDetection } : {}),
    ...(isSpread && contract.healthCheck !== undefined ? { healthServiceName: contract.healthCheck.serviceName } : {}),
  };
  return [{ [balancerName]: { ...settings } }];
}

/** The codes that any method's breaker counts: an endpoint is judged by the attempts of all methods together. */
function failureCodesOf(methods: readonly MethodPolicy[]): readonly StatusCode[] {
  const codes = methods.flatMap(({ circuitBreaker }) =>
    circuitBreaker?.enabled ? circuitBreaker.failureStatusCodes : [],
  );
  return codes.length === 0 ? defaultFailureCodes : [...new Set(codes)];
}

/** {@link BalancerSettings} as grpc-js passes them on. */
export class BalancerConfig implements GrpcBalancerConfig {
  readonly settings: BalancerSettings;
  readonly child: GrpcBalancerConfig;

  constructor(settings: BalancerSettings) {
    this.settings = settings;
    this.child = parseLoadBalancingConfig(settings.childPolicy);
  }

  /** What is parsed here was written by {@link balancerConfigOf}. */
  static createFromJson(settings: BalancerSettings): BalancerConfig {
    return new BalancerConfig(settings);
  }

  getLoadBalancerName(): string {
    return balancerName;
  }

  toJsonObject(): object {
    return { [balancerName]: this.settings };
  }
}
