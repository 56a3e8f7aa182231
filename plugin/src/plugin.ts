// SPDX-License-Identifier: Apache-2.0
import type { DescFile } from "@bufbuild/protobuf";
import {
  createEcmaScriptPlugin,
  type GeneratedFile,
  type Plugin,
  type Schema,
  type Target,
} from "@bufbuild/protoplugin";
import { formatServiceConfig } from "@talaria/contract";
import { emitClient } from "./emit/client.ts";
import { createNamer } from "./emit/names.ts";
import { serviceConfigPath } from "./emit/service-config.ts";
import { type FileInspection, inspectFile } from "./inspect.ts";
import { type PluginOptions, parseOptions } from "./options.ts";
import { claimOutput, hasErrors, type Session } from "./session.ts";
import { version } from "./version.ts";

/**
 * Creates the plugin. What it finds wrong with a contract goes to the session; from the first error on, over all
 * requests of the session, it only looks for more of them and generates nothing.
 */
export function createPlugin(session: Session): Plugin {
  const inspections = new WeakMap<DescFile, FileInspection>();
  const inspect = (file: DescFile): FileInspection => {
    const inspection = inspections.get(file) ?? inspectFile(file, session);
    inspections.set(file, inspection);
    return inspection;
  };
  const generate = (schema: Schema<PluginOptions>, target: Target): void => {
    const inspected = schema.files.map(inspect);
    if (target === firstTarget(schema)) {
      emitServiceConfigs(schema, inspected, session);
    }
    if (!hasErrors(session)) {
      for (const inspection of inspected) {
        emitClientFile(schema, target, inspection);
      }
    }
  };
  return createEcmaScriptPlugin<PluginOptions>({
    name: "protoc-gen-talaria",
    version: `v${version}`,
    parseOptions,
    generateTs: generate,
    generateJs: generate,
    generateDts: generate,
  });
}

/** protoplugin generates in this order, and what does not depend on the target is to be generated once. */
function firstTarget(schema: Schema<PluginOptions>): Target | undefined {
  return (["ts", "js", "dts"] as const).find((target) => schema.targets.includes(target));
}

function emitServiceConfigs(
  schema: Schema<PluginOptions>,
  inspected: readonly FileInspection[],
  session: Session,
): void {
  for (const { service, contract } of inspected.flatMap(({ contracts }) => contracts)) {
    const path = serviceConfigPath(service, schema.options.service_config_name);
    claimOutput(session, path, service);
    if (!hasErrors(session)) {
      generateFile(schema, path).print(formatServiceConfig(contract).trimEnd());
    }
  }
}

const extensions = { ts: ".ts", js: ".js", dts: ".d.ts" } as const satisfies Record<Target, string>;

function emitClientFile(schema: Schema<PluginOptions>, target: Target, inspection: FileInspection): void {
  const { file, contracts, silent } = inspection;
  const f = generateFile(schema, `${file.name}_client${extensions[target]}`);
  f.preamble(file);
  if (contracts.length === 0) {
    return;
  }
  const nameClient = createNamer();
  for (const [index, { service, contract }] of contracts.entries()) {
    if (index > 0) {
      f.print();
    }
    emitClient(f, target, { service, schema: f.importSchema(service), contract, names: nameClient(service) });
  }
  for (const service of silent) {
    f.print();
    f.print(`// ${service.name} has no (service_client.client_config), hence no client.`);
  }
}

/** protoplugin asks a file for its content twice when TypeScript is a target, and makes it each time: keep the first. */
function generateFile(schema: Schema<PluginOptions>, path: string): GeneratedFile {
  const file: GeneratedFile & { getFileInfo?: () => object } = schema.generateFile(path);
  const make = file.getFileInfo;
  if (make !== undefined) {
    let made: object | undefined;
    file.getFileInfo = () => {
      made ??= make();
      return made;
    };
  }
  return file;
}
