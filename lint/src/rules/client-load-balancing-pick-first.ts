// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";

/** With pick_first, each client sends all it has to one server. */
export const clientLoadBalancingPickFirst: Rule = serviceRule({
  name: "client-load-balancing-pick-first",
  purpose: "Checks that calls are spread over the servers of a service.",
  severity: "error",
  check({ service, contract, originOf }) {
    if (contract.loadBalancing.policy !== "PICK_FIRST") {
      return [];
    }
    const message =
      "load_balancing.policy is PICK_FIRST, so each client sends all its calls to one server, and new servers get none until " +
      "connections break. Write ROUND_ROBIN, or leave the option out.";
    return [{ at: originOf("load_balancing.policy").location ?? service, message }];
  },
});
