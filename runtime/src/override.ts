// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { type BoundContract, bindContract, type MethodPolicy, type TransportSecurity } from "@talaria/contract";
import {
  type Checks,
  checkFields,
  listOf,
  oneOf,
  optional,
  refuseProblems,
  text,
  trueOrFalse,
} from "./check-fields.ts";
import { overridePolicy } from "./overrides/apply.ts";
import { checkSettings, type OverrideRule, settingChecks } from "./overrides/overrides.ts";
import { warn } from "./overrides/process-overrides.ts";
import { unmatchedRules } from "./overrides/unmatched.ts";

/** A departure from the contract that one client is opened with: for tests and incidents. */
export interface ContractOverride {
  /** Why: it is part of the warning that is logged. */
  readonly reason: string;
  /** How the connection is secured, e.g. `PLAINTEXT` on loopback. */
  readonly transportSecurity?: Partial<TransportSecurity>;
  /** Send bearer tokens over PLAINTEXT, where everybody can read them. */
  readonly tokensOverPlaintext?: boolean;
  /** Settings of methods, in order. They may be less safe than the contract's; the warning shows them. */
  readonly methods?: readonly MethodOverride[];
}

/** Settings of the methods of one client. `circuitBreaker` may only be `closed`, which switches it off. */
export type MethodOverride = Omit<OverrideRule, "service" | "circuitBreaker"> & { readonly circuitBreaker?: "closed" };

/**
 * The contract that a client goes by: its own, or with departures. They are logged as a process warning with the code
 * `TALARIA_OVERRIDE`, so that a departure is never silent.
 *
 * @throws ConnectError INVALID_ARGUMENT listing everything that is wrong with the departures.
 */
export function overrideContract<S extends DescService>(
  contract: BoundContract<S>,
  override: ContractOverride | undefined,
): BoundContract<S> {
  if (override === undefined) {
    return contract;
  }
  refuseProblems(
    `the override of ${contract.service} is refused`,
    checkFields(override, "", overrideChecks, ["reason"]),
  );
  const { reason, transportSecurity, methods = [], tokensOverPlaintext } = override;
  const rules = methods.map((rule) => ({ ...rule, service: contract.service }));
  checkMethods(contract, reason, rules);
  const departures = JSON.stringify({ transportSecurity, tokensOverPlaintext, methods });
  warn(`a client of ${contract.service} departs from its contract (${reason}): ${departures}`);
  return bindContract(contract.descriptor, {
    ...contract,
    transportSecurity: { ...contract.transportSecurity, ...transportSecurity },
    methods: contract.methods.map((policy) => overrideMethod(contract.service, policy, reason, rules)),
  });
}

const methodChecks: Checks<keyof MethodOverride> = {
  ...settingChecks,
  method: text,
  circuitBreaker: (value) =>
    value === "closed" ? undefined : 'must be "closed", which switches it off; setOverrides() holds breakers open',
};

const securityChecks: Checks<keyof TransportSecurity> = {
  mode: optional(oneOf("TLS", "MUTUAL_TLS", "PLAINTEXT")),
  serverIdentity: optional(listOf("identities", text)),
};

// A departure that nothing heeds would be warned of, and believed.
const overrideChecks: Checks<keyof ContractOverride> = {
  reason: text,
  transportSecurity: optional((value, path) => checkFields(value, path, securityChecks)),
  tokensOverPlaintext: optional(trueOrFalse),
  methods: optional(listOf("settings of methods", (rule, path) => checkSettings(rule, path, methodChecks))),
};

function checkMethods({ service, methods }: BoundContract, reason: string, rules: readonly OverrideRule[]): void {
  const names = methods.map(({ name }) => ({ service, method: name }));
  refuseProblems(
    `the override of ${service} is refused`,
    unmatchedRules({ reason, rules }, names).map(({ path, method, nearest }) => ({
      path: path.replace(/^rules\[(\d+)\]$/, "methods[$1].method"),
      message: `is unknown: ${service} has no method ${method}${nearest.length === 0 ? "" : `; did you mean ${nearest.join(" or ")}?`}`,
    })),
  );
}

function overrideMethod(
  service: string,
  policy: MethodPolicy,
  reason: string,
  rules: readonly OverrideRule[],
): MethodPolicy {
  const overrides = { reason, rules, allowLessSafe: true };
  const overridden = overridePolicy(service, policy, overrides, { by: "client" });
  const breaker = overridden.policy.circuitBreaker;
  if (overridden.circuitBreaker !== "closed" || breaker === undefined) {
    return overridden.policy;
  }
  const unbroken = { ...policy, circuitBreaker: { ...breaker, enabled: false } };
  return overridePolicy(service, unbroken, overrides, { by: "client" }).policy;
}
