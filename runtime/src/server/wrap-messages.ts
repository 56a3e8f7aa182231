// SPDX-License-Identifier: Apache-2.0

/** The messages of a streaming response are made while they are read, after interceptors have returned: runs each step of that. */
export function wrapMessages<T>(
  messages: AsyncIterable<T>,
  run: <R>(step: () => Promise<R>) => Promise<R>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = messages[Symbol.asyncIterator]();
      const { next, throw: fail, return: leave } = iterator;
      return {
        next: () => run(() => next.call(iterator)),
        ...(fail && { throw: (error: unknown) => run(() => fail.call(iterator, error)) }),
        ...(leave && { return: () => run(() => leave.call(iterator)) }),
      };
    },
  };
}
