// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BoundContract, MethodPolicy } from "@talaria/contract";
import { type ClientExtensions, followProcessExtensions, observerOf } from "./client-extensions.ts";
import type { Clock, Random } from "./clock.ts";
import { credentialsOf } from "./credentials/authenticate.ts";
import type { CredentialsProvider } from "./credentials/provider.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import type { ClientLifetime } from "./lifetime.ts";
import type { ObservedMethod } from "./observer.ts";
import { registerMethod } from "./overrides/process-overrides.ts";
import type { SharedState } from "./shared-state.ts";
import type { Wire } from "./wire.ts";

/** What the methods of a client stand on. */
export interface Ground {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: Random;
  readonly shared: SharedState;
  readonly lifetime: ClientLifetime;
  readonly credentials?: CredentialsProvider | undefined;
  readonly target: string;
  readonly extensions: ClientExtensions;
}

/** The methods of an open client. */
export interface GuardedMethods {
  get(desc: DescMethod): GuardedMethod | undefined;
  /** The client closes. */
  close(): void;
}

/**
 * Joins each method of a service with its policy and with what guards it, and follows the overrides of the process.
 *
 * @throws ConnectError INVALID_ARGUMENT when the contract lacks a method of the service, as after an incomplete generation.
 */
export function guardMethods(contract: BoundContract, ground: Ground): GuardedMethods {
  const policies = new Map(contract.methods.map((policy) => [policy.name, policy]));
  const guarded = new Map<DescMethod, GuardedMethod>();
  const closing: (() => void)[] = [];
  const close = (): void => {
    for (const closeOne of closing.splice(0)) {
      closeOne();
    }
  };
  try {
    for (const desc of contract.descriptor.methods) {
      const policy = policies.get(desc.name);
      if (policy === undefined) {
        throw new ConnectError(
          `the contract of ${contract.service} says nothing of its method ${desc.name}; generate both from the same .proto`,
          Code.InvalidArgument,
        );
      }
      const method = guardMethod(contract, desc, policy, ground);
      guarded.set(desc, method);
      closing.push(followOverrides(contract.service, policy, method));
      closing.push(observe(method, ground));
    }
  } catch (error) {
    // What is open of it would stay so.
    close();
    throw error;
  }
  return { get: (desc) => guarded.get(desc), close };
}

function guardMethod(
  contract: BoundContract,
  desc: DescMethod,
  policy: MethodPolicy,
  { wire, clock, random, shared, lifetime, credentials }: Ground,
): GuardedMethod {
  const name = `${contract.service}/${desc.name}`;
  return {
    desc,
    policy,
    name,
    breakerName: policy.circuitBreaker?.scope === "SERVICE" ? contract.service : name,
    wire,
    clock,
    random,
    lifetime,
    breaker: shared.breaker(contract.service, policy),
    breakerHeld: undefined,
    limit: shared.limit(contract.service, policy),
    credentials: credentialsOf(contract.service, policy, credentials),
    retry: {
      policy: policy.retry,
      idempotencyLevel: policy.idempotencyLevel,
      throttle: shared.throttle(contract),
      random,
    },
    observer: undefined,
  };
}

/** Tells those of its calls who want to hear of them, also when they come later. Returns what to call when the client closes. */
function observe(method: GuardedMethod, { target, extensions }: Ground): () => void {
  const observed: ObservedMethod = {
    desc: method.desc,
    name: method.name,
    target,
    breakerName: method.breakerName,
    get policy() {
      return method.policy;
    },
    get breakerState() {
      const { breaker, breakerHeld } = method;
      return breakerHeld === undefined ? breaker?.state : heldStates[breakerHeld];
    },
  };
  const unfollow = followProcessExtensions(() => {
    method.observer?.close();
    method.observer = observerOf(observed, extensions);
  });
  return () => {
    unfollow();
    method.observer?.close();
    method.observer = undefined;
  };
}

const heldStates = { open: "OPEN", closed: "CLOSED" } as const;

function followOverrides(service: string, contractPolicy: MethodPolicy, method: GuardedMethod): () => void {
  return registerMethod({
    service,
    contractPolicy,
    onOverride({ policy, circuitBreaker }) {
      method.policy = policy;
      method.retry = { ...method.retry, policy: policy.retry };
      method.breakerHeld = circuitBreaker;
    },
  });
}
