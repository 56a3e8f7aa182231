// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { ContractError } from "./contract-error.ts";
import { locationOf } from "./declared.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { inspectService } from "./inspect-service.ts";
import { locateInSourceInfo } from "./locate.ts";
import type { ServiceContract } from "./policy.ts";

/** A contract together with the descriptor of its service. */
export interface BoundContract<S extends DescService = DescService> extends ServiceContract {
  /** Not enumerable: a bound contract prints, compares and serialises as the plain contract. */
  readonly descriptor: S;
}

/**
 * Resolves the contract of a service from its descriptor, at run time. It equals what the generator bakes in.
 *
 * @throws ContractError listing every error among the options.
 */
export function contractOf<S extends DescService>(service: S): BoundContract<S> {
  const { contract, diagnostics } = inspectService(service);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (errors.length > 0) {
    throw new ContractError(service.typeName, errors);
  }
  return bindContract(service, contract);
}

/**
 * Joins a contract with the descriptor of its service. The contract itself is left as it is.
 *
 * @throws ContractError when the contract is that of another service, or of another version of this one.
 */
export function bindContract<S extends DescService>(service: S, contract: ServiceContract): BoundContract<S> {
  const mismatch = mismatchOf(service, contract);
  if (mismatch !== undefined) {
    throw new ContractError(service.typeName, [mismatchDiagnostic(service, mismatch)]);
  }
  const bound = { ...contract };
  Object.defineProperty(bound, "descriptor", { value: service, enumerable: false });
  return bound as BoundContract<S>;
}

function mismatchOf(service: DescService, contract: ServiceContract): string | undefined {
  if (contract.service !== service.typeName) {
    return `it is that of ${contract.service}`;
  }
  const expected = service.methods.map(({ name, methodKind }) => `${name} (${methodKind})`);
  const found = contract.methods.map(({ name, kind }) => `${name} (${kind})`);
  const missing = expected.find((method, index) => method !== found[index]);
  if (missing !== undefined) {
    return `where the service has ${missing}, it has ${found[expected.indexOf(missing)] ?? "nothing"}`;
  }
  return found.length > expected.length ? `the service has no ${found[expected.length]}` : undefined;
}

function mismatchDiagnostic(service: DescService, mismatch: string): Diagnostic {
  return {
    code: "contract-mismatch",
    severity: "error",
    message:
      `This contract does not belong to ${service.typeName}: ${mismatch}. Run the generator again, so that contract and ` +
      "descriptor come from the same .proto.",
    element: service.typeName,
    option: "",
    location: locationOf(service, undefined, locateInSourceInfo),
  };
}
