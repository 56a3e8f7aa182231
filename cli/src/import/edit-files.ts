// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DescFile } from "@bufbuild/protobuf";
import type { Surroundings } from "../command.ts";
import type { LoadedProtos } from "../protos/load-protos.ts";
import { runBuf } from "../protos/run-buf.ts";
import { UserError } from "../user-error.ts";
import { editProto, type ServiceEdit } from "./edit-proto.ts";
import { type ImportPlan, isWritten, type PlannedService } from "./plan-import.ts";
import { replaceText, type TextReplacement } from "./replace-text.ts";

/** What changes in a file. */
export interface FileEdit {
  /** Relative to the folder that the command runs in. */
  readonly path: string;
  readonly text: string;
  readonly replacements: readonly TextReplacement[];
}

/** The text of a file after its edit. */
export function editedText({ text, replacements }: FileEdit): string {
  return replaceText(text, replacements);
}

const optionFile = "service_client_config.proto";

/** Finds out what a plan changes in which files. Files in which nothing changes are left out. */
export async function editFiles(
  input: string,
  { services }: ImportPlan,
  protos: LoadedProtos,
  surroundings: Surroundings,
): Promise<readonly FileEdit[]> {
  const changed = services.filter(isWritten);
  if (changed.length === 0) {
    return [];
  }
  const byFile = Map.groupBy(changed, ({ inspection }) => inspection.service.file);
  const paths = await pathsByImport(input, surroundings);
  const scopes = namesThatHide(protos.files);
  return [...byFile].map(([file, planned]) => {
    const name = `${file.name}.proto`;
    const path = paths.get(name);
    if (path === undefined) {
      throw new UserError(`${name} is not among the files of ${input}, so it cannot be annotated there.`);
    }
    const text = readFileSync(resolve(surroundings.folder, path), "utf8");
    const edit = {
      services: planned.map(serviceEdit),
      addImport: !file.proto.dependency.includes(optionFile),
      optionPackage: isHidden(file, planned, scopes) ? ".service_client" : "service_client",
    };
    return { path, text, replacements: editProto(text, edit) };
  });
}

function serviceEdit({ inspection: { service }, plan }: PlannedService): ServiceEdit {
  return {
    index: service.file.services.indexOf(service),
    leaves: plan.service,
    methods: new Map([...plan.methods].map(([method, leaves]) => [service.methods.indexOf(method), leaves])),
  };
}

/** Where the files are, by the names that imports use: in a workspace the two differ. */
async function pathsByImport(input: string, surroundings: Surroundings): Promise<ReadonlyMap<string, string>> {
  const output = await runBuf(["ls-files", input, "--format", "json"], surroundings);
  const lines = output
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  const files = lines.map((line): { path: string; import_path: string } => JSON.parse(line));
  return new Map(files.map(({ path, import_path: name }) => [name, path]));
}

/** Scopes that have something named `service_client` of their own, which would be found before ours. */
function namesThatHide(files: readonly DescFile[]): ReadonlySet<string> {
  const names = files.flatMap(({ proto, services, messages, enums }) => [
    ...prefixesOf(proto.package),
    ...[...services, ...messages, ...enums].map(({ typeName }) => typeName),
  ]);
  return new Set(
    names.filter((name) => name.endsWith(".service_client")).map((name) => name.slice(0, name.lastIndexOf("."))),
  );
}

function isHidden(file: DescFile, planned: readonly PlannedService[], scopes: ReadonlySet<string>): boolean {
  const methods = planned.flatMap(({ inspection }) => inspection.service.methods);
  return (
    methods.some(({ name }) => name === "service_client") ||
    prefixesOf(file.proto.package).some((scope) => scopes.has(scope))
  );
}

/** `a.b.c` lies in `a.b.c`, in `a.b` and in `a`. */
function prefixesOf(name: string): readonly string[] {
  const parts = name === "" ? [] : name.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}
