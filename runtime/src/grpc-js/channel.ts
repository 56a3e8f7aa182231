// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import type { Channel, ChannelOptions } from "@grpc/grpc-js";
import type { ServiceContract } from "@talaria/contract";
import { version } from "../version.ts";
import { openBalancedChannel } from "./balancing/balanced-channel.ts";
import { Connections } from "./connections.ts";
import { GuardedCredentials, securityOf } from "./credentials.ts";
import { fillIdentities } from "./identity.ts";
import { authorityOf } from "./resolver/target.ts";
import { splitHostPort } from "./surface.ts";
import type { TlsOptions } from "./tls-material.ts";

/** How a channel is opened, besides what the contract says. */
export interface ChannelSetup {
  readonly target: string;
  readonly tls?: TlsOptions | undefined;
  /** Values for the placeholders of server identities. */
  readonly identity?: Readonly<Record<string, string>> | undefined;
}

/** An open channel, with its connections. */
export interface OpenChannel {
  readonly channel: Channel;
  readonly connections: Connections;
}

/**
 * Opens a grpc-js channel that has the connection facts of a contract. It connects when the first call is made.
 *
 * @throws ConnectError INVALID_ARGUMENT when TLS material or identities are unusable.
 */
export function openChannel(contract: ServiceContract, { target, tls, identity }: ChannelSetup): OpenChannel {
  const { transportSecurity, keepalive, connection } = contract;
  const identities = fillIdentities(contract.service, transportSecurity.serverIdentity, identity ?? {});
  const connections = new Connections({
    connectTimeoutMs: connection.connectTimeoutMs,
    unacknowledgedTimeoutMs: keepalive.timeoutMs,
  });
  const { override, address } = serverNameOf(target, identities);
  const security = securityOf(contract, { identities, address }, tls);
  const options = {
    ...channelOptions(contract),
    ...(override !== undefined && { "grpc.ssl_target_name_override": override }),
  };
  const channel = openBalancedChannel(target, contract, new GuardedCredentials(security, connections), options);
  return { channel, connections };
}

function channelOptions(contract: ServiceContract): ChannelOptions {
  // `grpc.enable_retries` stays on: switching it off would also switch off the safe transparent retry of a refused stream.
  return {
    // The proxy variables of the environment would reroute internal targets.
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
    "grpc.keepalive_time_ms": keepaliveTimeMs(contract.keepalive),
    "grpc.keepalive_timeout_ms": contract.keepalive.timeoutMs,
    "grpc.keepalive_permit_without_calls": contract.keepalive.permitWithoutCalls ? 1 : 0,
    "grpc.primary_user_agent": `talaria/${version}`,
  };
}

/**
 * A timer of Node.js may fire a millisecond early, and a ping that comes a millisecond earlier than permitted is a strike. A
 * server that sends anything takes strikes back; in a stream in which it sends nothing, the third ends the connection.
 */
function keepaliveTimeMs({ timeMs, serverMinTimeMs }: ServiceContract["keepalive"]): number {
  const longestTimerMs = 2 ** 31 - 1;
  return Math.min(Math.max(timeMs, serverMinTimeMs + 10), longestTimerMs);
}

/** Whom TLS asks for (SNI): the name in the target. An address is none; where it is all there is, a declared identity may be. */
function serverNameOf(
  target: string,
  identities: readonly string[],
): { readonly override?: string; readonly address?: string } {
  const address = addressOf(target);
  if (address === undefined) {
    return {};
  }
  const override = identities.find((identity) => !identity.startsWith("spiffe://") && isIP(identity) === 0);
  return override === undefined ? { address } : { override };
}

/** The address that stands in a target where others have a name; of a list it is the first. */
function addressOf(target: string): string | undefined {
  const [, list] = /^ipv[46]:(?:\/\/[^/]*\/)?(.+)$/.exec(target) ?? [];
  const authority = list?.replace(/,.*/, "") ?? authorityOf(target);
  const host = splitHostPort(authority)?.host ?? authority;
  return isIP(host) === 0 ? undefined : host;
}
