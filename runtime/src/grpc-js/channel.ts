// SPDX-License-Identifier: Apache-2.0

import { Channel, ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { type ServiceContract, serviceConfigOf } from "@talaria/contract";
import { version } from "../version.ts";

/** What a TLS connection is made with. PEM texts. */
export interface TlsOptions {
  /** Certificates of the authorities to trust. Default: those that Node.js trusts. */
  readonly ca?: string | Uint8Array;
  /** The client's certificate chain: needed for MUTUAL_TLS. */
  readonly cert?: string | Uint8Array;
  /** The key of the client's certificate: needed for MUTUAL_TLS. */
  readonly key?: string | Uint8Array;
}

/** Opens a grpc-js channel that has the connection facts of a contract. It connects when the first call is made. */
export function openChannel(target: string, contract: ServiceContract, tls: TlsOptions | undefined): Channel {
  return new Channel(target, channelCredentials(contract, tls), channelOptions(contract));
}

function channelCredentials(contract: ServiceContract, tls: TlsOptions = {}): ChannelCredentials {
  if (contract.transportSecurity.mode === "PLAINTEXT") {
    return ChannelCredentials.createInsecure();
  }
  return ChannelCredentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert));
}

function pem(text: string | Uint8Array | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}

function channelOptions(contract: ServiceContract): ChannelOptions {
  const { loadBalancingConfig } = serviceConfigOf(contract);
  return {
    // Only balancing is left to grpc-js: exactly one layer may retry, and that is the pipeline. `grpc.enable_retries` stays on,
    // because switching it off would also switch off the safe transparent retry of a refused stream.
    "grpc.service_config": JSON.stringify({ loadBalancingConfig }),
    // A TXT record would replace the service config as a whole.
    "grpc.service_config_disable_resolution": 1,
    // The proxy variables of the environment would reroute internal targets.
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
    "grpc.keepalive_time_ms": contract.keepalive.timeMs,
    "grpc.keepalive_timeout_ms": contract.keepalive.timeoutMs,
    "grpc.keepalive_permit_without_calls": contract.keepalive.permitWithoutCalls ? 1 : 0,
    "grpc.primary_user_agent": `talaria/${version}`,
  };
}
