// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { inspectService, type ServiceInspection } from "@talaria/contract";

const inspections = new WeakMap<DescService, ServiceInspection>();

/** Reads, resolves and checks the contract of a service, once for all rules. */
export function inspect(service: DescService): ServiceInspection {
  let inspection = inspections.get(service);
  if (inspection === undefined) {
    // buf turns source paths into lines itself, and source information is expensive to decode.
    inspection = inspectService(service, { locate: () => undefined });
    inspections.set(service, inspection);
  }
  return inspection;
}

/**
 * Whether a service has an annotation that can be read. Of other services, CLIENT_CONFIG_REQUIRED and
 * CLIENT_CONFIG_UNREADABLE say all there is to say.
 */
export function isAnnotated({ annotated, diagnostics }: ServiceInspection): boolean {
  return annotated && !diagnostics.some(({ code }) => code === "malformed-option");
}
