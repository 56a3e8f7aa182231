// SPDX-License-Identifier: Apache-2.0
import type { ChannelOptions } from "@grpc/grpc-js";
import type { ServiceContract } from "@talaria/contract";
import { joinTerms } from "./server-terms.ts";

/**
 * The options of a grpc-js `Server` that its contract, or those of all services on it, ask for: age (grpc-js varies it by
 * ±10 %) and grace, idle time, and pings. For servers that are not started by `serve`, which keeps these terms itself, and
 * two that grpc-js has no option for: how often clients may ping, and how the server leaves.
 *
 * @throws ConnectError INVALID_ARGUMENT when the contracts contradict each other.
 */
export function serverOptions(contracts: ServiceContract | readonly ServiceContract[]): ChannelOptions {
  const terms = joinTerms("service" in contracts ? [contracts] : contracts);
  return {
    "grpc.max_connection_age_ms": terms.maxAgeMs,
    "grpc.max_connection_age_grace_ms": terms.maxAgeGraceMs,
    ...(terms.maxIdleMs === undefined ? {} : { "grpc.max_connection_idle_ms": terms.maxIdleMs }),
    "grpc.keepalive_time_ms": terms.keepaliveTimeMs,
    "grpc.keepalive_timeout_ms": terms.keepaliveTimeoutMs,
  };
}
