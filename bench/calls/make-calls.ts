// SPDX-License-Identifier: Apache-2.0
import type { Caller } from "./clients.ts";

/** Makes so many calls, so many of them at once. */
export async function makeCalls(caller: Caller, atOnce: number, total: number): Promise<void> {
  let left = total;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      await caller();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
