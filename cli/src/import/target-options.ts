// SPDX-License-Identifier: Apache-2.0

/** How a policy without `maxAttempts` is imported. */
export interface TargetOptions {
  readonly attemptsWhenMissing: number;
  /** Says whether the config has this problem at this place. */
  readonly hasProblem: (code: string, path: string) => boolean;
}
