// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { Diagnostic, Locate } from "@talaria/contract";
import { placeOf } from "./place-of.ts";

/**
 * Finds names that protoc-gen-es makes code of that does not compile, and ours, which imports it, neither. All other names,
 * keywords too, it escapes or uses where any name is right.
 */
export function checkNames(service: DescService, locate: Locate): Diagnostic[] {
  return [...checkServiceName(service, locate), ...checkMethodNames(service, locate)];
}

/** What a module cannot declare, though it is no keyword. */
const undeclarable: ReadonlySet<string> = new Set(["arguments", "await", "eval"]);

function checkServiceName(service: DescService, locate: Locate): Diagnostic[] {
  const { name, typeName } = service;
  if (!undeclarable.has(name)) {
    return [];
  }
  return [
    {
      code: "service-name-reserved",
      severity: "error",
      message:
        `protoc-gen-es exports service ${name} as a constant of that name, which an ECMAScript module cannot declare. ` +
        `Rename the service, for example to ${name[0]?.toUpperCase()}${name.slice(1)}Service.`,
      element: typeName,
      option: "",
      location: placeOf(service, locate),
    },
  ];
}

function checkMethodNames(service: DescService, locate: Locate): Diagnostic[] {
  const taken = new Map<string, string>();
  return service.methods.flatMap((method): Diagnostic[] => {
    const { name, localName } = method;
    const first = taken.get(localName);
    taken.set(localName, first ?? name);
    if (first === undefined) {
      return [];
    }
    return [
      {
        code: "method-name-collision",
        severity: "error",
        message:
          `rpc ${first} and rpc ${name} of ${service.name} would both be the method ${localName} of a client. ` +
          "Rename one of them.",
        element: `${service.typeName}.${name}`,
        option: "",
        location: placeOf(method, locate),
      },
    ];
  });
}
