// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { ContractError } from "./contract-error.ts";
import { inspectService } from "./inspect-service.ts";
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

/** Joins a contract with the descriptor of its service. The contract itself is left as it is. */
export function bindContract<S extends DescService>(service: S, contract: ServiceContract): BoundContract<S> {
  const bound = { ...contract };
  Object.defineProperty(bound, "descriptor", { value: service, enumerable: false });
  return bound as BoundContract<S>;
}
