// SPDX-License-Identifier: Apache-2.0
import { ContractError } from "./contract-error.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { ServiceContract } from "./policy.ts";
import { type ServiceConfig, serviceConfigOf } from "./service-config.ts";

/** A DNS TXT record. */
export interface TxtRecord {
  /** The owner name. */
  readonly name: string;
  /** The strings of the record, in ASCII, of at most 255 bytes each; readers join them without anything between. */
  readonly strings: readonly string[];
}

/** A record's data and what surrounds it must fit in a DNS message. */
const longestRecord = 65_000;
const longestString = 255;

/**
 * Writes service config for DNS (gRFC A2): `grpc_config=` and a list of one choice, which every client takes. It comes
 * twice, because grpc-js asks for the name itself and all others for `_grpc_config.` in front of it.
 *
 * What a client finds there replaces all the service config it has, so the contracts of all services at the name belong
 * in one record.
 *
 * @throws ContractError when the contracts disagree in what concerns the whole target.
 * @throws RangeError when the record would not fit in a DNS message.
 */
export function formatTxtRecords(contracts: readonly ServiceContract[], name: string): readonly TxtRecord[] {
  const text = toAscii(`grpc_config=${JSON.stringify([{ serviceConfig: combine(contracts, name) }])}`);
  if (text.length > longestRecord) {
    throw new RangeError(
      `The service config for ${name} has ${text.length} bytes, and a DNS answer carries ${longestRecord} at most. ` +
        "Give it to the clients as a file instead.",
    );
  }
  const strings = text.match(new RegExp(`.{1,${longestString}}`, "g")) ?? [];
  return [name, `_grpc_config.${name}`].map((owner) => ({ name: owner, strings }));
}

function combine(contracts: readonly ServiceContract[], name: string): ServiceConfig {
  const configs = contracts.map(serviceConfigOf);
  const [first] = configs;
  if (first === undefined) {
    throw new RangeError(`No contract was given for ${name}, so there is nothing to publish.`);
  }
  const conflicts = contracts.flatMap((contract, index) => conflictsOf(contract, configs[index] ?? first, first, name));
  if (conflicts.length > 0) {
    throw new ContractError(name, conflicts);
  }
  return { ...first, methodConfig: configs.flatMap((config) => config.methodConfig) };
}

const shared = [
  ["loadBalancingConfig", "load_balancing"],
  ["retryThrottling", "retry_throttling"],
  ["healthCheckConfig", "health_check"],
] as const;

function conflictsOf(
  contract: ServiceContract,
  config: ServiceConfig,
  first: ServiceConfig,
  name: string,
): readonly Diagnostic[] {
  return shared
    .filter(([key]) => JSON.stringify(config[key]) !== JSON.stringify(first[key]))
    .map(([, option]) => ({
      code: "target-conflict",
      severity: "error",
      message:
        `${contract.service} says something else about ${option} than the services before it, and all services at ` +
        `${name} share one service config. Make them agree, or give the services names of their own.`,
      element: contract.service,
      option,
      location: { file: contract.service, sourcePath: [] },
    }));
}

/** JSON stays the same JSON when everything beyond ASCII is escaped. */
function toAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
