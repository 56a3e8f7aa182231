// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { type Diagnostic, type Locate, locateInSourceInfo } from "@talaria/contract";
import { placeOf } from "./place-of.ts";

/** What is found out while one request is answered, however many parts it is answered in. */
export interface Session {
  /** What is wrong with the contracts. */
  readonly diagnostics: Diagnostic[];
  /** Which service the service configs are of, by lower-case path: some file systems cannot tell case. */
  readonly outputs: Map<string, string>;
  /** Finds the places of what is wrong. */
  readonly locate: Locate;
}

/** Begins to answer a request. */
export function createSession(locate: Locate = locateInSourceInfo): Session {
  return { diagnostics: [], outputs: new Map(), locate };
}

/** Whether any contract is wrong, so that nothing may be generated. */
export function hasErrors({ diagnostics }: Session): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** Reserves a file for a service. That another has it is an error of the service that comes second. */
export function claimOutput(session: Session, path: string, service: DescService): void {
  const owner = session.outputs.get(path.toLowerCase());
  if (owner === undefined) {
    session.outputs.set(path.toLowerCase(), service.typeName);
    return;
  }
  const full = owner.toLowerCase() === service.typeName.toLowerCase() ? "" : ", or set service_config_name=full";
  session.diagnostics.push({
    code: "service-config-collision",
    severity: "error",
    message:
      `The service config of ${service.typeName} would replace that of ${owner}, because both are ${path}. ` +
      `Put the files in different folders, or rename a service${full}.`,
    element: service.typeName,
    option: "",
    location: placeOf(service, session.locate),
  });
}
