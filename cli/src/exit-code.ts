// SPDX-License-Identifier: Apache-2.0

/**
 * What a command answers to the shell. 0: all is as it should be. 1: it has something to report, such as a difference.
 * 2: it could not do its work: wrong usage, or input that cannot be read.
 */
export type ExitCode = 0 | 1 | 2;
