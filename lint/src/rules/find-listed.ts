// SPDX-License-Identifier: Apache-2.0
import type { DeclaredOption } from "@talaria/contract";
import type { Finding } from "../bufplugin/rule.ts";

/** Finds what is wrong with single elements of lists, where each stands. */
export function findListed(
  declared: readonly DeclaredOption[],
  options: readonly string[],
  judge: (element: string, option: string, on: DeclaredOption) => string | undefined,
): Finding[] {
  return declared.flatMap((on) => {
    const { option, value, location } = on;
    const list = options.includes(option) && Array.isArray(value) ? value : [];
    return list.flatMap((element: string, index) => {
      const message = judge(element, option, on);
      return message === undefined
        ? []
        : [{ at: { file: location.file, sourcePath: [...location.sourcePath, index] }, message }];
    });
  });
}
