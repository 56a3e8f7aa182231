// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy, ServiceContract } from "@talaria/contract";
import type { Random } from "./clock.ts";
import { Breaker } from "./engine/breaker.ts";
import { ConcurrencyLimit } from "./engine/concurrency-limit.ts";
import { SharedRegistry } from "./engine/registry.ts";
import type { RetryThrottle } from "./engine/retry-throttle.ts";
import { breakerPublisher, PublishingThrottle } from "./state-events.ts";

// Shared by all clients of the process: a breaker that each client object had for itself would learn too late.
const breakers = new SharedRegistry<Breaker>();
const throttles = new SharedRegistry<RetryThrottle>();
const limits = new SharedRegistry<ConcurrencyLimit>();
const spellings = new SharedRegistry<string[]>();

/** What the clients of one target share, as long as one of them is open. */
export interface SharedState {
  breaker(service: string, policy: MethodPolicy): Breaker | undefined;
  throttle(contract: ServiceContract): RetryThrottle | undefined;
  limit(service: string, policy: MethodPolicy): ConcurrencyLimit | undefined;
  /** The client no longer uses it. */
  close(): void;
}

/**
 * Opens the shared state of a target for one client.
 *
 * @param target As the client has it. What is shared is published under each target that a client of it has.
 * @param sharedAs The same for all targets that lead to the same.
 */
export function openSharedState(target: string, random: Random, sharedAs: string = target): SharedState {
  const ofBreakers = breakers.open(sharedAs);
  const ofThrottles = throttles.open(sharedAs);
  const ofLimits = limits.open(sharedAs);
  const ofSpellings = spellings.open(sharedAs);
  const targets = ofSpellings.get("target", () => []);
  targets.push(target);
  return {
    breaker(service, { name, circuitBreaker }) {
      if (circuitBreaker === undefined || !circuitBreaker.enabled) {
        return undefined;
      }
      const key = circuitBreaker.scope === "SERVICE" ? service : `${service}/${name}`;
      return ofBreakers.get(key, () => new Breaker(circuitBreaker, random, breakerPublisher(targets, key)));
    },
    throttle({ retryThrottling }) {
      return retryThrottling === undefined
        ? undefined
        : ofThrottles.get("retry", () => new PublishingThrottle(retryThrottling, targets));
    },
    limit(service, { name, maxConcurrentRequests }) {
      return maxConcurrentRequests === undefined
        ? undefined
        : ofLimits.get(`${service}/${name}`, () => new ConcurrencyLimit());
    },
    close() {
      targets.splice(targets.indexOf(target), 1);
      ofBreakers.close();
      ofThrottles.close();
      ofLimits.close();
      ofSpellings.close();
    },
  };
}
