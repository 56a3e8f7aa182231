// SPDX-License-Identifier: Apache-2.0

/** Wraps each handler of a grpc-js service. Those of a class are found where grpc-js finds them: on its prototype. */
export function wrapHandlers<T extends object, H>(implementation: T, wrap: (handler: H) => H): T {
  const wrapped: Record<string, H> = {};
  for (const [name, member] of membersOf(implementation)) {
    if (typeof member === "function" && !Object.hasOwn(wrapped, name)) {
      wrapped[name] = wrap(member.bind(implementation) as H);
    }
  }
  return wrapped as T;
}

/** What an object has, and then what its classes have, nearest first. Accessors of classes are not run. */
function* membersOf(implementation: object): Generator<[name: string, member: unknown]> {
  yield* Object.entries(implementation);
  let of: object | null = Object.getPrototypeOf(implementation);
  while (of !== null && of !== Object.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(of))) {
      if (name !== "constructor") {
        yield [name, value];
      }
    }
    of = Object.getPrototypeOf(of);
  }
}
