// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BoundContract } from "@talaria/contract";
import type { Clock, Random } from "./clock.ts";
import type { ClientLifetime } from "./lifetime.ts";
import type { GuardedMethod } from "./pipeline.ts";
import type { SharedState } from "./shared-state.ts";
import type { Wire } from "./wire.ts";

/** What the methods of a client stand on. */
export interface Ground {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: Random;
  readonly shared: SharedState;
  readonly lifetime: ClientLifetime;
}

/**
 * Joins each method of a service with its policy and with what guards it.
 *
 * @throws ConnectError INVALID_ARGUMENT when the contract lacks a method of the service, as after an incomplete generation.
 */
export function guardMethods(contract: BoundContract, ground: Ground): Map<DescMethod, GuardedMethod> {
  const { wire, clock, random, shared, lifetime } = ground;
  const policies = new Map(contract.methods.map((policy) => [policy.name, policy]));
  const throttle = shared.throttle(contract);
  const guarded = new Map<DescMethod, GuardedMethod>();
  for (const desc of contract.descriptor.methods) {
    const policy = policies.get(desc.name);
    if (policy === undefined) {
      throw new ConnectError(
        `the contract of ${contract.service} says nothing of its method ${desc.name}; generate both from the same .proto`,
        Code.InvalidArgument,
      );
    }
    const name = `${contract.service}/${desc.name}`;
    guarded.set(desc, {
      desc,
      policy,
      name,
      breakerName: policy.circuitBreaker?.scope === "SERVICE" ? contract.service : name,
      wire,
      clock,
      random,
      lifetime,
      breaker: shared.breaker(contract.service, policy),
      limit: shared.limit(contract.service, policy),
      retry: { policy: policy.retry, idempotencyLevel: policy.idempotencyLevel, throttle, random },
    });
  }
  return guarded;
}
