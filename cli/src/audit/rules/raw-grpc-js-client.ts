// SPDX-License-Identifier: Apache-2.0
import { Node, SyntaxKind } from "ts-morph";
import type { AuditRule } from "../audit-rule.ts";
import type { CodeBase } from "../code-base.ts";
import { followImport, importedAs } from "../imported.ts";
import { openingOf } from "../opening-of.ts";

/** Finds clients made by grpc-js itself, whatever generated their classes. */
export const rawGrpcJsClient: AuditRule = {
  name: "raw-grpc-js-client",
  purpose: "Finds clients of grpc-js that no contract guards.",
  mentions: /@grpc\/grpc-js|["']grpc["']|\bnew [\w.]*Client\(/,
  check(source, code, report) {
    for (const created of source.getDescendantsOfKind(SyntaxKind.NewExpression)) {
      const [expression, args] = [created.getExpression(), created.getArguments()];
      if (isGrpcJs(expression, "Client") || args.some(isChannelCredentials) || isGeneratedClass(expression, code)) {
        report(created, describe(`new ${expression.getText()}`, lastName(expression).replace(/Client$/, ""), code));
      }
    }
    for (const call of source.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const [callee, args] = [call.getExpression(), call.getArguments()];
      if (isGrpcJs(callee, "makeClientConstructor", "makeGenericClientConstructor")) {
        const name = args[1];
        report(
          call,
          describe(lastName(callee), Node.isStringLiteral(name) ? lastWord(name.getLiteralValue()) : "", code),
        );
      }
    }
  },
};

function describe(what: string, service: string, code: CodeBase): string {
  const contract = code.contracts.named(service);
  const instead =
    contract === undefined
      ? "Annotate the service and open its generated client; if the service is not yours to annotate, ignore this line with that reason."
      : `Write ${openingOf(contract)}.`;
  return `${what} makes a raw grpc-js client: its calls have no deadline, no safe retry and no circuit breaker. ${instead}`;
}

function isGrpcJs(expression: Node, ...names: readonly string[]): boolean {
  const imported = importedAs(expression);
  return imported !== undefined && isModule(imported.module) && names.includes(imported.name);
}

function isModule(module: string): boolean {
  return module === "@grpc/grpc-js" || module === "grpc";
}

/** `grpc.credentials.createInsecure()`: whatever is made of such credentials is a client. */
function isChannelCredentials(argument: Node): boolean {
  const imported = Node.isCallExpression(argument) ? importedAs(argument.getExpression()) : undefined;
  return (
    imported !== undefined && isModule(imported.module) && /^(credentials|ChannelCredentials)\./.test(imported.name)
  );
}

/** A class that a generator for grpc-js wrote: `new OrdersClient(address, credentials)`. */
function isGeneratedClass(expression: Node, code: CodeBase): boolean {
  const name = lastName(expression);
  const file = name.endsWith("Client") ? followImport(expression, code)?.file : undefined;
  return file !== undefined && /["']@grpc\/grpc-js["']/.test(code.textOf(file)) && code.textOf(file).includes(name);
}

function lastName(expression: Node): string {
  return lastWord(expression.getText());
}

function lastWord(text: string): string {
  return text.slice(text.lastIndexOf(".") + 1);
}
