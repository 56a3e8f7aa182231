// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { fieldNumbersOf, forEachLeaf, fullNameOf, locationOf, lookUp } from "../declared.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Locate } from "../locate.ts";
import { methodOptions, serviceOptions } from "../option-schema.ts";
import type { MethodPolicy, ServiceContract } from "../policy.ts";
import type { DeclaredOptions } from "../read-options.ts";
import type { DeclaredService } from "../resolve.ts";
import { checkAuthentication } from "./check-authentication.ts";
import { checkCircuitBreaker, checkSharedBreaker } from "./check-circuit-breaker.ts";
import { checkConnection } from "./check-connection.ts";
import { checkHedging } from "./check-hedging.ts";
import { checkRetry, checkRetryThrottling } from "./check-retry.ts";
import { checkStreamOptions, checkTimeouts } from "./check-timeouts.ts";
import { checkValue } from "./check-value.ts";
import type { Finding, PolicyScope, ServiceScope } from "./finding.ts";

const policyChecks = [
  checkTimeouts,
  checkRetry,
  checkHedging,
  checkCircuitBreaker,
  checkSharedBreaker,
  checkAuthentication,
];
const serviceChecks = [checkStreamOptions, checkRetryThrottling, checkConnection];

/** An annotation, and the values in it that are wrong in themselves. */
interface Layer {
  readonly on: DescService | DescMethod;
  readonly options: DeclaredOptions | undefined;
  readonly broken: Set<string>;
}

/**
 * Checks every value for itself, then values together. A value that is wrong in itself takes part in no further check:
 * its own finding says enough.
 */
export function checkContract(declared: DeclaredService, contract: ServiceContract, locate: Locate): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const base: Layer = { on: declared.service, options: declared.options, broken: new Set() };
  const methods: readonly Layer[] = declared.methods.map(({ method, options }) => ({
    on: method,
    options,
    broken: new Set(),
  }));
  for (const layer of [base, ...methods]) {
    checkValues(layer, locate, diagnostics);
  }
  const scopes = contract.methods.map((policy, index) => policyScope(policy, contract, methods[index], base));
  const shared = new Map<string, SharedFinding>();
  scopes.forEach((scope, index) => {
    for (const finding of policyChecks.flatMap((check) => check(scope))) {
      place(finding, [methods[index] ?? base, base], scope.policy, shared, locate, diagnostics);
    }
  });
  const scope: ServiceScope = { contract, policies: scopes, isSet: (option) => isSetIn(base, option) };
  for (const finding of serviceChecks.flatMap((check) => check(scope))) {
    place(finding, [base], undefined, shared, locate, diagnostics);
  }
  return [...diagnostics, ...[...shared.values()].map((entry) => sharedDiagnostic(entry, base, contract, locate))];
}

function policyScope(
  policy: MethodPolicy,
  contract: ServiceContract,
  layer: Layer | undefined,
  base: Layer,
): PolicyScope {
  const isSetOnMethod = (option: string): boolean => layer !== undefined && isSetIn(layer, option);
  return { policy, contract, isSetOnMethod, isSet: (option) => isSetOnMethod(option) || isSetIn(base, option) };
}

function isSetIn({ options }: Layer, option: string): boolean {
  return lookUp(options, option) !== undefined;
}

function checkValues(layer: Layer, locate: Locate, diagnostics: Diagnostic[]): void {
  const { on, options, broken } = layer;
  forEachLeaf(options, on.kind === "rpc" ? methodOptions : serviceOptions, (leaf, value) => {
    for (const { index, ...finding } of checkValue(leaf, value)) {
      const path = [...fieldNumbersOf(leaf.option, on), ...(index === undefined ? [] : [index])];
      diagnostics.push({
        ...finding,
        element: fullNameOf(on),
        option: leaf.option,
        location: locationOf(on, path, locate),
      });
      if (finding.severity === "error") {
        broken.add(leaf.option);
      }
    }
  });
}

/** A finding about values that methods inherit: it is told once, with the methods it concerns. */
interface SharedFinding {
  readonly finding: Finding;
  readonly option: string | undefined;
  readonly methods: string[];
}

/** Gives a finding its place: where the most specific of its options is set. */
function place(
  finding: Finding,
  layers: readonly Layer[],
  policy: MethodPolicy | undefined,
  shared: Map<string, SharedFinding>,
  locate: Locate,
  diagnostics: Diagnostic[],
): void {
  const setters = finding.options.map((option) => ({ option, layer: layers.find((layer) => isSetIn(layer, option)) }));
  if (setters.some(({ option, layer }) => layer?.broken.has(option))) {
    return;
  }
  const own = setters.find(({ layer }) => layer?.on.kind === "rpc");
  if (own?.layer !== undefined) {
    diagnostics.push(diagnosticOf(finding, own.layer.on, own.option, finding.message, locate));
    return;
  }
  const option = setters.find(({ layer }) => layer !== undefined)?.option;
  const key = `${finding.code} ${option} ${finding.message}`;
  const entry = shared.get(key) ?? { finding, option, methods: [] };
  shared.set(key, entry);
  if (policy !== undefined) {
    entry.methods.push(policy.name);
  }
}

function sharedDiagnostic(
  { finding, option, methods }: SharedFinding,
  base: Layer,
  contract: ServiceContract,
  locate: Locate,
): Diagnostic {
  const some = methods.length > 0 && methods.length < contract.methods.length;
  const message = some ? `${finding.message} This concerns ${enumerate(methods)}.` : finding.message;
  return diagnosticOf(finding, base.on, option, message, locate);
}

function diagnosticOf(
  { code, severity }: Finding,
  on: DescService | DescMethod,
  option: string | undefined,
  message: string,
  locate: Locate,
): Diagnostic {
  const path = option === undefined ? undefined : fieldNumbersOf(option, on);
  return {
    code,
    severity,
    message,
    element: fullNameOf(on),
    option: option ?? "",
    location: locationOf(on, path, locate),
  };
}

const namesShown = 5;

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(", ");
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more methods` : shown;
}
