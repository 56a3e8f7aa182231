// SPDX-License-Identifier: Apache-2.0
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const enoughBytes = 4 * 1024 * 1024;

/**
 * Returns a function that ends the growth of V8's young space when it has a few megabytes; call it now and then. What a
 * file leaves behind is garbage soon, so more room would cost memory and save little; V8 would take a hundred megabytes of
 * it for a large request. A limit can be given only before V8 starts, and that is too early for a script.
 */
export function createYoungSpaceHolder(): () => void {
  let held = false;
  return () => {
    const space = held ? undefined : getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (space !== undefined && space.space_size >= enoughBytes) {
      setFlagsFromString("--semi-space-growth-factor=1");
      held = true;
    }
  };
}
