// SPDX-License-Identifier: Apache-2.0
import type { Fields } from "./fields.ts";
import type { Judge } from "./judge.ts";

/** Runs one vector of a kind and tells the judge what it saw. */
export type RunVector = (vector: Fields, judge: Judge) => void | Promise<void>;
