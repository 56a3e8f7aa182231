// SPDX-License-Identifier: Apache-2.0
import type { ServiceInspection } from "@talaria/contract";
import type { Finding } from "../bufplugin/rule.ts";
import type { Change } from "./change-rule.ts";

/** Where an option of a service is set after and before a change, or the service. */
export function placesOf(
  { before, after }: Change<ServiceInspection>,
  option: string,
): Pick<Finding, "at"> & Required<Pick<Finding, "against">> {
  return {
    at: after.originOf(option).location ?? after.service,
    against: before.originOf(option).location ?? before.service,
  };
}
