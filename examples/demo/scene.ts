// SPDX-License-Identifier: Apache-2.0
import type { Check } from "./check.ts";
import type { Excerpt } from "./excerpt.ts";
import type { Screen } from "./screen.ts";

/** One thing that the demo shows. */
export interface Scene {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it shows, in one sentence. */
  readonly title: string;
  /** What in the contract makes it so. */
  readonly contract?: Excerpt;
  /** Plays it with real servers, and answers with what should have been seen and what was. */
  readonly play: (screen: Screen) => Promise<readonly Check[]>;
}
