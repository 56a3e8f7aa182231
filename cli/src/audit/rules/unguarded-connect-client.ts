// SPDX-License-Identifier: Apache-2.0
import { type CallExpression, Node, SyntaxKind } from "ts-morph";
import type { AuditRule } from "../audit-rule.ts";
import type { CodeBase } from "../code-base.ts";
import type { GeneratedContract } from "../generated-contract.ts";
import { followImport, importedAs } from "../imported.ts";
import { openingOf } from "../opening-of.ts";

const makers: ReadonlySet<string> = new Set(["createClient", "createPromiseClient", "createCallbackClient"]);

/** Finds Connect clients of services whose contract was generated. */
export const unguardedConnectClient: AuditRule = {
  name: "unguarded-connect-client",
  purpose: "Finds Connect clients of a service that has a contract, made without it.",
  mentions: /@(?:connectrpc|bufbuild)\/connect/,
  check(source, code, report) {
    for (const call of source.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const maker = connectMaker(call);
      const [service] = call.getArguments();
      const contract = maker === undefined || service === undefined ? undefined : contractOf(service, code);
      if (maker !== undefined && contract !== undefined) {
        const plain = maker !== "createCallbackClient" && isPlain(call);
        report(call, describe(maker, contract, plain), plain ? { call, contract } : undefined);
      }
    }
  },
};

function connectMaker(call: CallExpression): string | undefined {
  const imported = importedAs(call.getExpression());
  const connect = imported?.module === "@connectrpc/connect" || imported?.module === "@bufbuild/connect";
  return connect && makers.has(imported.name) ? imported.name : undefined;
}

function contractOf(service: Node, code: CodeBase): GeneratedContract | undefined {
  const found = followImport(service, code);
  return found && code.contracts.beside(found.file, found.name);
}

function isPlain(call: CallExpression): boolean {
  const [service, transport, ...more] = call.getArguments();
  return (
    Node.isIdentifier(service) && transport !== undefined && more.length === 0 && call.getTypeArguments().length === 0
  );
}

function describe(maker: string, contract: GeneratedContract, plain: boolean): string {
  const keep = `guard(transport, ${contract.contract})`;
  return (
    `${maker} goes around the contract of ${contract.service}: its calls have no deadline, no safe retry and no circuit breaker. ` +
    `Write ${openingOf(contract)}; where the transport must stay, ${keep}${plain ? ", which --fix writes" : ""}.`
  );
}
