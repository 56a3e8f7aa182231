// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { didYouMean } from "../suggest.ts";
import { UserError } from "../user-error.ts";

/**
 * The services that a name means: the one with this full name, or all with this short name.
 *
 * @throws UserError when there is none.
 */
export function selectServices(services: readonly DescService[], name: string): readonly DescService[] {
  const exact = services.filter(({ typeName }) => typeName === name);
  const found = exact.length > 0 ? exact : services.filter((service) => service.name === name);
  if (found.length === 0) {
    const suggestion = didYouMean(name, name.includes(".") ? services.map(fullName) : services.map(shortName));
    const verb = services.length === 1 ? "is" : "are";
    throw new UserError(`There is no service ${name}.${suggestion} There ${verb} ${listSome(services.map(fullName))}.`);
  }
  return found;
}

function fullName({ typeName }: DescService): string {
  return typeName;
}

function shortName({ name }: DescService): string {
  return name;
}

const mostListed = 5;

function listSome(names: readonly string[]): string {
  if (names.length === 0) {
    return "none";
  }
  const more = names.length - mostListed;
  return more > 0 ? `${names.slice(0, mostListed).join(", ")} and ${more} more` : names.join(", ");
}
