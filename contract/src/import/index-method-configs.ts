// SPDX-License-Identifier: Apache-2.0
import type { ParsedMethodConfig, ParsedServiceConfig } from "./parsed-service-config.ts";

/** Finds the entry that holds for a method: `service` is the full name, `method` the rpc's. Undefined: none does. */
export type FindMethodConfig = (service: string, method: string) => ParsedMethodConfig | undefined;

/**
 * Finds entries as gRPC clients do: the one that names the method, else the one that names its service, else the default.
 * The first that is found replaces the others as a whole; nothing is merged. Of entries with the same name, which clients
 * refuse, the first counts.
 */
export function indexMethodConfigs(config: Pick<ParsedServiceConfig, "methodConfig">): FindMethodConfig {
  const entries = new Map<string, ParsedMethodConfig>();
  for (const entry of config.methodConfig) {
    for (const { service, method } of entry.names) {
      const key = `${service}/${method}`;
      if (!entries.has(key)) {
        entries.set(key, entry);
      }
    }
  }
  return (service, method) => entries.get(`${service}/${method}`) ?? entries.get(`${service}/`) ?? entries.get("/");
}
