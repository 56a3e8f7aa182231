// SPDX-License-Identifier: Apache-2.0
import { contractOf } from "@talaria/runtime";
import { createByHand } from "../observers/by-hand.ts";
import { observers, sdks } from "../observers/observers.ts";
import { type Caller, talaria } from "./clients.ts";
import { echoService } from "./service.ts";

/** The clients that are watched, by name. They are a module of their own because it loads OpenTelemetry. */
export const watchedClients: Readonly<Record<string, (port: number) => Caller>> = {
  ...Object.fromEntries(
    Object.entries(observers).map(([name, extensions]) => [
      `talaria, ${name}`,
      (port: number) => talaria(port, contractOf(echoService), extensions()),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(sdks).map(([name, providers]) => [
      `talaria, by hand: ${name}`,
      (port: number) => talaria(port, contractOf(echoService), { telemetry: createByHand(String(port), providers()) }),
    ]),
  ),
};
