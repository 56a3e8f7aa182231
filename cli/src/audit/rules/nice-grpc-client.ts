// SPDX-License-Identifier: Apache-2.0
import { Node, SyntaxKind } from "ts-morph";
import type { AuditRule } from "../audit-rule.ts";
import { importedAs } from "../imported.ts";
import { openingOf } from "../opening-of.ts";

/** Finds clients of nice-grpc; the channel only where no client is made of it in the same file. */
export const niceGrpcClient: AuditRule = {
  name: "nice-grpc-client",
  purpose: "Finds clients and channels of nice-grpc that no contract guards.",
  mentions: /["']nice-grpc(?:-web)?["']/,
  check(source, code, report) {
    const calls = source.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
      const imported = importedAs(call.getExpression());
      return imported?.module === "nice-grpc" || imported?.module === "nice-grpc-web"
        ? [{ call, name: imported.name }]
        : [];
    });
    const clients = calls.filter(({ name }) => name === "createClient" || name === "createClientFactory");
    for (const { call, name } of clients.length > 0 ? clients : calls.filter((each) => each.name === "createChannel")) {
      const [definition] = call.getArguments();
      const service = Node.isIdentifier(definition) ? definition.getText().replace(/(Definition|Service)$/, "") : "";
      const contract = code.contracts.named(service) ?? code.contracts.named(`${service}Service`);
      const instead =
        contract === undefined
          ? "Annotate the service and open its generated client; if the service is not yours to annotate, ignore this line with that reason."
          : `Write ${openingOf(contract)}.`;
      report(
        call,
        `${name} of nice-grpc goes around the contract: its calls have the deadlines and retries of this code, not those that the service demands. ${instead}`,
      );
    }
  },
};
