// SPDX-License-Identifier: Apache-2.0
import { dnsOutage } from "./dns-outage.ts";
import { dnsStorm } from "./dns-storm.ts";
import { ejection } from "./ejection.ts";
import { even } from "./even.ts";
import { health } from "./health.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { scale } from "./scale.ts";
import { silentDrop } from "./silent-drop.ts";
import type { Scenario } from "./support/scenario.ts";
import { tooManyPings } from "./too-many-pings.ts";
import { userClient } from "./user-client.ts";
import { weighted } from "./weighted.ts";

/** How clients find servers and spread calls over them. */
export const discoveryScenarios: readonly Scenario[] = [
  even,
  scale,
  dnsStorm,
  dnsOutage,
  weighted,
  ejection,
  health,
  userClient,
];

/** Every scenario, in the order in which they are played. */
export const scenarios: readonly Scenario[] = [...discoveryScenarios, tooManyPings, rollingRestart, silentDrop];
