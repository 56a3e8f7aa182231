// SPDX-License-Identifier: Apache-2.0

import type { DescService } from "@bufbuild/protobuf";
import { type BoundContract, bindContract, type ServiceContract, type TransportSecurity } from "@talaria/contract";

/** A departure from the contract that one client is opened with. */
export interface ContractOverride {
  /** Why: it is part of the warning that is logged. */
  readonly reason: string;
  /** How the connection is secured, e.g. `PLAINTEXT` on loopback. */
  readonly transportSecurity?: Partial<TransportSecurity>;
}

/**
 * The contract that a client goes by: its own, or with departures. They are logged as a process warning with the code
 * `TALARIA_OVERRIDE`, so that a departure is never silent.
 */
export function overrideContract<S extends DescService>(
  contract: BoundContract<S>,
  override: ContractOverride | undefined,
): BoundContract<S> {
  if (override === undefined) {
    return contract;
  }
  const { reason, ...departures } = override;
  process.emitWarning(`a client of ${contract.service} departs from its contract: ${JSON.stringify(departures)}`, {
    code: "TALARIA_OVERRIDE",
    detail: `reason: ${reason}`,
  });
  const effective: ServiceContract = {
    ...contract,
    transportSecurity: { ...contract.transportSecurity, ...departures.transportSecurity },
  };
  return bindContract(contract.descriptor, effective);
}
