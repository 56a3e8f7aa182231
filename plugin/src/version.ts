// SPDX-License-Identifier: Apache-2.0

/** The version of this package, which generated files name. A test holds it equal to package.json. */
export const version = "0.1.0";
