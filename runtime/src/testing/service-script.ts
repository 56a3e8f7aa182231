// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService, MessageInitShape } from "@bufbuild/protobuf";
import type { ScriptedAnswer } from "./answer.ts";
import type { SeenAttempt } from "./seen-attempt.ts";

/**
 * What happens to the attempts of one method: always the same, one answer after another (the last repeats), or what a
 * function says.
 */
export type MethodScript<M extends DescMethod = DescMethod> =
  | ScriptedAnswer<MessageInitShape<M["output"]>>
  | readonly ScriptedAnswer<MessageInitShape<M["output"]>>[]
  | ((attempt: SeenAttempt<M>) => ScriptedAnswer<MessageInitShape<M["output"]>>);

/** What happens to the attempts of each method, by its name in the client. A method that is left out is UNIMPLEMENTED. */
export type ServiceScript<S extends DescService> = {
  readonly [Name in keyof S["method"]]?: MethodScript<S["method"][Name]>;
};
