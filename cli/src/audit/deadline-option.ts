// SPDX-License-Identifier: Apache-2.0
import { Node, type SourceFile, SyntaxKind } from "ts-morph";
import type { CodeBase } from "./code-base.ts";
import { constantNumber } from "./constant-number.ts";
import { type GuardedCall, guardedCall } from "./guarded-client.ts";

/** A `timeoutMs` that a call of a guarded client is given, when its value can be told. */
export interface DeadlineOption {
  readonly node: Node;
  readonly timeoutMs: number;
  readonly call: GuardedCall;
}

/** A text in which some call may be given a deadline. */
export const mentionsTimeout: RegExp = /\btimeoutMs\b(?!\??:\s*(?:number|string)\b)/;

/** Finds the deadlines of calls, also those inside `withoutRetry({ … })`. */
export function findDeadlineOptions(source: SourceFile, code: CodeBase): readonly DeadlineOption[] {
  return source.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((node) => {
    const [, options] = node.getArguments();
    const property = options && timeoutProperty(options);
    const timeoutMs = property && valueOfProperty(property);
    const call = timeoutMs === undefined ? undefined : guardedCall(node, code);
    return property === undefined || timeoutMs === undefined || call === undefined
      ? []
      : [{ node: property, timeoutMs, call }];
  });
}

function timeoutProperty(options: Node): Node | undefined {
  const literal = Node.isCallExpression(options) ? options.getArguments()[0] : options;
  return Node.isObjectLiteralExpression(literal) ? literal.getProperty("timeoutMs") : undefined;
}

function valueOfProperty(property: Node): number | undefined {
  if (Node.isShorthandPropertyAssignment(property)) {
    return constantNumber(property.getNameNode());
  }
  return Node.isPropertyAssignment(property) ? constantNumber(property.getInitializer()) : undefined;
}

/** The longest that the contract lets a call take; undefined when it sets no limit, or cannot be read. */
export function contractLimitMs({ method }: GuardedCall): number | undefined {
  const streams = method?.kind === "server_streaming" || method?.kind === "bidi_streaming";
  return streams ? method.streamMaxDurationMs : method?.responseTimeoutMs;
}
