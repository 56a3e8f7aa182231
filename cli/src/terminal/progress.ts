// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from "../command.ts";

const clearLine = "\r\u001b[K";

/** Says what is being done while it is done, to people only. */
export async function withProgress<T>(
  { messagesAreTerminal, writeMessage }: Surroundings,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!messagesAreTerminal) {
    return work();
  }
  writeMessage(`${clearLine}${what} ...`);
  try {
    return await work();
  } finally {
    writeMessage(clearLine);
  }
}
