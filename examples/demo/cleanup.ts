// SPDX-License-Identifier: Apache-2.0
const tasks = new Set<() => void>();

process.once("exit", () => {
  for (const task of tasks) {
    task();
  }
});

/**
 * Runs a task when the returned handle is disposed of, or when the process exits, whichever comes first: an error or Ctrl-C
 * leaves no servers and no folders behind.
 */
export function cleanUp(task: () => void): Disposable {
  tasks.add(task);
  return {
    [Symbol.dispose]: () => {
      if (tasks.delete(task)) {
        task();
      }
    },
  };
}
