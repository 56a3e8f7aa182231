// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describePolicy, inspectService, type ServiceInspection } from "@talaria/contract";
import { spec } from "buf-plugin-talaria";
import { checkFiles } from "buf-plugin-talaria/bufplugin/testing";
import { compileProtos } from "../support/compile.ts";
import { root } from "../support/run-command.ts";

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

/** What the lint rules that are on by default find in a service as documentation shows it. */
export async function lintFragment(text: string): Promise<string[]> {
  const optionFile = "service_client_config.proto";
  const files = {
    [optionFile]: readFileSync(join(root, "proto", optionFile), "utf8"),
    "fragment.proto": completed(text),
  };
  const findings = await checkFiles({ spec, files, buf: join(root, "node_modules/.bin/buf") });
  return findings.map(({ message }) => message);
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
