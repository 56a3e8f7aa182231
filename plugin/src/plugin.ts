// SPDX-License-Identifier: Apache-2.0
import type { DescFile } from "@bufbuild/protobuf";
import {
  createEcmaScriptPlugin,
  type GeneratedFile,
  type Plugin,
  type Schema,
  type Target,
} from "@bufbuild/protoplugin";
import { formatServiceConfig, type ServiceInspection } from "@talaria/contract";
import { emitClient } from "./emit/client.ts";
import type { ExtraFile, MakeExtraFiles } from "./emit/extra-files.ts";
import { createNamer } from "./emit/names.ts";
import { outputPath } from "./emit/output-path.ts";
import { type FileInspection, inspectFile } from "./inspect.ts";
import { type PluginOptions, parseOptions } from "./options.ts";
import { placeOf } from "./place-of.ts";
import { claimOutput, hasErrors, type Session } from "./session.ts";
import { version } from "./version.ts";

/**
 * Creates the plugin. What it finds wrong with a contract goes to the session; from the first error on, over all
 * requests of the session, it only looks for more of them and generates nothing. Options that ask for extra files need
 * what makes them.
 */
export function createPlugin(session: Session, makeExtraFiles?: MakeExtraFiles): Plugin {
  const inspections = new WeakMap<DescFile, FileInspection>();
  const inspect = (file: DescFile): FileInspection => {
    const inspection = inspections.get(file) ?? inspectFile(file, session);
    inspections.set(file, inspection);
    return inspection;
  };
  const generate = (schema: Schema<PluginOptions>, target: Target): void => {
    const inspected = schema.files.map(inspect);
    if (target === firstTarget(schema)) {
      emitServiceConfigs(schema, inspected, session, makeExtraFiles);
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
  makeExtraFiles: MakeExtraFiles | undefined,
): void {
  const naming = schema.options.service_config_name;
  for (const inspection of inspected.flatMap(({ contracts }) => contracts)) {
    const { service, contract } = inspection;
    const path = outputPath(service, naming);
    claimOutput(session, path, service);
    if (hasErrors(session)) {
      continue;
    }
    generateFile(schema, path).print(formatServiceConfig(contract).trimEnd());
    for (const { suffix, content } of extraFiles(inspection, schema.options, session, makeExtraFiles)) {
      generateFile(schema, outputPath(service, naming, suffix)).print(content.trimEnd());
    }
  }
}

function extraFiles(
  inspection: ServiceInspection,
  options: PluginOptions,
  session: Session,
  makeExtraFiles: MakeExtraFiles | undefined,
): readonly ExtraFile[] {
  try {
    return makeExtraFiles?.(inspection, options) ?? [];
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    const { service } = inspection;
    session.diagnostics.push({
      code: "dns-record-too-long",
      severity: "error",
      message: `${error.message} Leave out dns_txt=zone.`,
      element: service.typeName,
      option: "",
      location: placeOf(service, session.locate),
    });
    return [];
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
