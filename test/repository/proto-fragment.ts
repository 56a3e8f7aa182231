// SPDX-License-Identifier: Apache-2.0
import { describePolicy, inspectService, type ServiceInspection } from "@talaria/contract";
import { compileProtos } from "../support/compile.ts";

/** Compiles a service as documentation shows it, with what it leaves out: a syntax, the import, the messages. */
export function inspectFragment(text: string): ServiceInspection {
  const [, name = ""] = /^service (\w+)/m.exec(text) ?? [];
  const registry = compileProtos({ "fragment.proto": completed(text) });
  const service = registry.getService(name);
  if (service === undefined) {
    throw new Error(`there is no service in: ${text}`);
  }
  return inspectService(service);
}

/** What callers of each method are told. */
export function policyTexts({ contract }: ServiceInspection): { method: string; sentences: string[] }[] {
  return contract.methods.map((policy) => ({ method: policy.name, sentences: describePolicy(policy, contract) }));
}

function completed(text: string): string {
  const messages = new Set(
    [...text.matchAll(/\((?:stream )?(\w+)\)(?= returns| \{|;)/g)].map(([, message]) => message),
  );
  const head = text.includes("import ") ? "" : 'import "service_client_config.proto";\n';
  const declared = [...messages].map((message) => `message ${message} {}\n`);
  return ['syntax = "proto3";\n', head, text, ...declared].join("");
}
