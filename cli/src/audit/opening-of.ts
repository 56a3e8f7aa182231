// SPDX-License-Identifier: Apache-2.0
import { basename } from "node:path";
import type { GeneratedContract } from "./generated-contract.ts";

/** How a message names the function that opens a client, and where to find it. */
export function openingOf({ create, file }: GeneratedContract): string {
  return `${create}({ target }) of ${basename(file)}`;
}
