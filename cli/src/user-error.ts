// SPDX-License-Identifier: Apache-2.0

/** Something that keeps a command from doing its work and that its user can mend. The message says how. */
export class UserError extends Error {
  override readonly name = "UserError";
}
