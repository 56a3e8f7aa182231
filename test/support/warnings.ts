// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect } from "vitest";

/** A warning of this process. */
export type ProcessWarning = Error & { readonly code?: string };

/** The warnings that the tests of a file cause on purpose. */
export interface CapturedWarnings {
  /** Those of the test so far: they come a turn after what they warn of. */
  seen(): Promise<readonly ProcessWarning[]>;
  /** Their texts. */
  texts(): Promise<string[]>;
}

/**
 * Keeps the warnings of a code, or of a name where they have no code, from standard error while a test runs, which then fails unless
 * each of them is as expected. Others are printed as ever. To be called first in its file or block, so that it ends last: what other hooks cause is captured, too.
 */
export function captureWarnings(code: string, expected: RegExp): CapturedWarnings {
  let captured: ProcessWarning[] = [];
  let printers: NodeJS.WarningListener[] = [];
  const onWarning = (warning: ProcessWarning): void => {
    if ((warning.code ?? warning.name) === code) {
      captured.push(warning);
      return;
    }
    for (const print of printers) {
      print(warning);
    }
  };
  const seen = async (): Promise<readonly ProcessWarning[]> => {
    await new Promise(setImmediate);
    return captured;
  };
  beforeEach(() => {
    captured = [];
    printers = process.listeners("warning");
    process.removeAllListeners("warning").on("warning", onWarning);
  });
  afterEach(async () => {
    const all = await seen();
    process.off("warning", onWarning);
    for (const print of printers) {
      process.on("warning", print);
    }
    for (const { message } of all) {
      expect(message).toMatch(expected);
    }
  });
  return { seen, texts: async () => (await seen()).map(({ message }) => message) };
}
