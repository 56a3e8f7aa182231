// SPDX-License-Identifier: Apache-2.0
import { Node, type SourceFile, SyntaxKind } from "ts-morph";
import type { AuditRule } from "../audit-rule.ts";
import { constantNumber } from "../constant-number.ts";
import { contractLimitMs, findDeadlineOptions, mentionsTimeout } from "../deadline-option.ts";

/** Finds calls that try to wait for ever. */
export const deadlineInfinite: AuditRule = {
  name: "deadline-infinite",
  purpose: "Finds calls whose deadline is zero, negative or infinite, which means none.",
  mentions: new RegExp(`${mentionsTimeout.source}|\\bdeadline:`),
  check(source, code, report) {
    for (const { node, timeoutMs, call } of findDeadlineOptions(source, code)) {
      if (timeoutMs <= 0 || !Number.isFinite(timeoutMs)) {
        const limitMs = contractLimitMs(call);
        const holds = limitMs === undefined ? "" : `; the contract's ${limitMs} ms still hold`;
        report(
          node,
          `timeoutMs ${timeoutMs} gives ${call.name} no deadline of its own${holds}. Remove it, or write the milliseconds that this caller can wait.`,
        );
      }
    }
    if (usesGrpcJs(source)) {
      for (const property of source.getDescendantsOfKind(SyntaxKind.PropertyAssignment)) {
        if (property.getName() === "deadline" && isEndless(property.getInitializer())) {
          report(
            property,
            "a deadline of Infinity lets the call hang for as long as its server does. Call through the generated client, whose contract has a deadline; or write `deadline: Date.now() + N` with the N milliseconds that this caller can wait.",
          );
        }
      }
    }
  },
};

function usesGrpcJs(source: SourceFile): boolean {
  return source.getImportDeclarations().some((each) => each.getModuleSpecifierValue() === "@grpc/grpc-js");
}

/** `Infinity`, and dates made of it. */
function isEndless(value: Node | undefined): boolean {
  if (Node.isNewExpression(value)) {
    const [argument] = value.getArguments();
    return value.getExpression().getText() === "Date" && isEndless(argument);
  }
  const number = constantNumber(value);
  // Why: 8.64e15 is the last millisecond that a Date can be.
  return number !== undefined && number >= 8.64e15;
}
