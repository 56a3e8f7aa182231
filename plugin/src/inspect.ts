// SPDX-License-Identifier: Apache-2.0
import { type DescFile, type DescService, hasOption } from "@bufbuild/protobuf";
import {
  type Diagnostic,
  inspectService,
  type Locate,
  methodConfigOption,
  type ServiceInspection,
} from "@talaria/contract";
import { checkNames } from "./check-names.ts";
import { placeOf } from "./place-of.ts";
import type { Session } from "./session.ts";
import { findUnsupported } from "./unsupported.ts";

/** What the services of a file demand of their clients. */
export interface FileInspection {
  readonly file: DescFile;
  /** The services with a contract. */
  readonly contracts: readonly ServiceInspection[];
  /** The services without. */
  readonly silent: readonly DescService[];
}

/** Resolves the contracts of a file, and adds all that is wrong with them to the session. */
export function inspectFile(file: DescFile, { diagnostics, locate }: Session): FileInspection {
  const inspections = file.services.map((service) => inspectService(service, { locate }));
  const found = inspections.flatMap((inspection) => [
    ...inspection.diagnostics,
    ...findUnsupported(inspection),
    ...(inspection.annotated ? checkNames : findOrphans)(inspection.service, locate),
  ]);
  diagnostics.push(...found.sort(byPlace));
  return {
    file,
    contracts: inspections.filter(({ annotated }) => annotated),
    silent: inspections.filter(({ annotated }) => !annotated).map(({ service }) => service),
  };
}

/** A method that says something in a service that says nothing: no client is made that could obey it. */
function findOrphans(service: DescService, locate: Locate): Diagnostic[] {
  return service.methods
    .filter((method) => hasOption(method, methodConfigOption))
    .map((method) => ({
      code: "method-config-without-client-config",
      severity: "error",
      message:
        `${method.name} has (service_client.method_config), but ${service.name} has no (service_client.client_config), ` +
        "so no client would obey it. Annotate the service too: " +
        "option (service_client.client_config).response_timeout_millis = 1000;",
      element: `${service.typeName}.${method.name}`,
      option: "",
      location: placeOf(method, locate, 4, 999999),
    }));
}

function byPlace({ location: a }: Diagnostic, { location: b }: Diagnostic): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
