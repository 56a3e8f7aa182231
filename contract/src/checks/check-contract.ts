// SPDX-License-Identifier: Apache-2.0
import { forEachLeaf, lookUp } from "../declared.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Locate } from "../locate.ts";
import { methodOptions, serviceOptions } from "../option-schema.ts";
import type { MethodPolicy, ServiceContract } from "../policy.ts";
import type { DeclaredService } from "../resolve.ts";
import { checkAuthentication } from "./check-authentication.ts";
import { checkCircuitBreaker, checkSharedBreaker } from "./check-circuit-breaker.ts";
import { checkConnection } from "./check-connection.ts";
import { checkHedging } from "./check-hedging.ts";
import { checkRetry, checkRetryThrottling } from "./check-retry.ts";
import { checkStreamOptions, checkTimeouts } from "./check-timeouts.ts";
import { checkValue } from "./check-value.ts";
import { createCollector, type Layer } from "./collector.ts";
import type { Finding, PolicyScope } from "./finding.ts";

const policyChecks = [
  checkTimeouts,
  checkRetry,
  checkHedging,
  checkCircuitBreaker,
  checkSharedBreaker,
  checkAuthentication,
];
const serviceChecks = [checkStreamOptions, checkRetryThrottling, checkConnection];

/**
 * Checks every value for itself, then values together. A value that is wrong in itself takes part in no further check:
 * its own finding says enough.
 */
export function checkContract(declared: DeclaredService, contract: ServiceContract, locate: Locate): Diagnostic[] {
  const base = layerOf(declared.service, declared.options);
  const layers = declared.methods.map(({ method, options }) => layerOf(method, options));
  const collector = createCollector(base, contract, locate);
  for (const layer of [base, ...layers]) {
    const message = layer === base ? serviceOptions : methodOptions;
    forEachLeaf(layer.options, message, (leaf, value) => {
      for (const finding of checkValue(leaf, value)) {
        collector.addValue(finding, leaf, layer);
      }
    });
  }
  const inherited = new Map<string, readonly Finding[]>();
  contract.methods.forEach((policy, index) => {
    const layer = layers[index];
    const own = layer?.options === undefined ? undefined : layer;
    for (const finding of findingsFor(policy, own, base, contract, inherited)) {
      collector.add(finding, own, policy.name);
    }
  });
  const scope = { contract, isSet: (option: string) => lookUp(base.options, option) !== undefined };
  for (const check of serviceChecks) {
    for (const finding of check(scope)) {
      collector.add(finding, undefined, undefined);
    }
  }
  return collector.diagnostics();
}

function layerOf(on: Layer["on"], options: Layer["options"]): Layer {
  return { on, options, broken: new Set() };
}

/** Methods that say nothing themselves differ in nothing but their kind, so each kind is checked once. */
function findingsFor(
  policy: MethodPolicy,
  own: Layer | undefined,
  base: Layer,
  contract: ServiceContract,
  inherited: Map<string, readonly Finding[]>,
): readonly Finding[] {
  if (own !== undefined) {
    return checkPolicy(policy, own, base, contract);
  }
  const key = `${policy.kind} ${policy.idempotencyLevel}`;
  const findings = inherited.get(key) ?? checkPolicy(policy, undefined, base, contract);
  inherited.set(key, findings);
  return findings;
}

function checkPolicy(
  policy: MethodPolicy,
  own: Layer | undefined,
  base: Layer,
  contract: ServiceContract,
): readonly Finding[] {
  const isSetOnMethod = (option: string): boolean => lookUp(own?.options, option) !== undefined;
  const isSet = (option: string): boolean => isSetOnMethod(option) || lookUp(base.options, option) !== undefined;
  const scope: PolicyScope = { policy, contract, isSetOnMethod, isSet };
  return policyChecks.flatMap((check) => check(scope));
}
