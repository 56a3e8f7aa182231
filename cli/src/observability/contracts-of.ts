// SPDX-License-Identifier: Apache-2.0
import { formatDiagnostic, inspectService, type ServiceContract } from "@talaria/contract";
import type { Arguments, OptionSpec, Surroundings } from "../command.ts";
import { loadServices } from "../protos/load-services.ts";
import { selectServices } from "../protos/select-services.ts";
import { UserError } from "../user-error.ts";

/** What both commands can be told. */
export const observabilityOptions: readonly OptionSpec[] = [
  { name: "service", value: "NAME", summary: "Only this service, by its full or its short name." },
  { name: "image", value: "FILE", summary: "Read a compiled FileDescriptorSet or buf image instead of .proto files." },
  {
    name: "unit-suffixes",
    summary: "Names of metrics end in their unit, as OTLP receivers write them.",
  },
];

/**
 * The contracts of the annotated services that a user named.
 *
 * @throws UserError when there is none, when none has methods, or when one has an error.
 */
export async function contractsOf(
  command: string,
  args: Arguments,
  surroundings: Surroundings,
): Promise<readonly ServiceContract[]> {
  const services = await loadServices(command, args, surroundings);
  const name = args.values.get("service");
  const inspections = (name === undefined ? services : selectServices(services, name)).map((service) =>
    inspectService(service),
  );
  const annotated = inspections.filter((inspection) => inspection.annotated);
  if (annotated.length === 0) {
    throw new UserError(
      `There is no service with a contract${name === undefined ? "" : ` named ${name}`}: see \`talaria explain\`.`,
    );
  }
  const broken = annotated.flatMap(({ diagnostics }) => diagnostics).find(({ severity }) => severity === "error");
  if (broken !== undefined) {
    throw new UserError(`A contract has an error: ${formatDiagnostic(broken)}`);
  }
  const contracts = annotated.map(({ contract }) => contract);
  if (contracts.every(({ methods }) => methods.length === 0)) {
    const names = contracts.map(({ service }) => service).join(", ");
    throw new UserError(`There is nothing to watch: no methods in ${names}.`);
  }
  return contracts;
}
