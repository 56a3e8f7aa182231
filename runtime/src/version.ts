// SPDX-License-Identifier: Apache-2.0

/** The version of this package; `version.test.ts` holds it against package.json. */
export const version = "0.1.0";
