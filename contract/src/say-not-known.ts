// SPDX-License-Identifier: Apache-2.0
import type { BrokenMethodPage } from "./contract-page.ts";

/** Says why a page cannot say what a method does, as a sentence. */
export function sayNotKnown({ errors }: BrokenMethodPage): string {
  const named = errors.map((option) => option || "an annotation");
  return `What holds is not known: there is an error in ${named.join(" and in ")}.`;
}
