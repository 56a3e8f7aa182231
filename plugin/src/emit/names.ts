// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";

/** What the generated code of a service is called. */
export interface ClientNames {
  /** The constant with the contract, e.g. `greetingServiceContract`. */
  readonly contract: string;
  /** The type of the client, e.g. `GreetingServiceClient`. */
  readonly client: string;
  /** The function that opens a client, e.g. `createGreetingServiceClient`. */
  readonly create: string;
}

/**
 * Returns a function that names the code of the services of one file. Two names that would be equal, of `service Foo`
 * and `service foo` say, are told apart by a dollar sign, which no Protobuf name contains. Call it in the order of the
 * services.
 */
export function createNamer(): (service: DescService) => ClientNames {
  const taken = new Set<string>();
  const claim = (ideal: string): string => {
    let name = ideal;
    while (taken.has(name)) {
      name += "$";
    }
    taken.add(name);
    return name;
  };
  return ({ name }) => ({
    contract: claim(`${lowerFirstWord(name)}Contract`),
    client: claim(`${name}Client`),
    create: claim(`create${name}Client`),
  });
}

/** `GreetingService` to `greetingService`, `IAMPolicy` to `iamPolicy`. */
function lowerFirstWord(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (word) => word.toLowerCase());
}
