// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { formatDiagnostic } from "@talaria/contract";
import type { Surroundings } from "../command.ts";
import { compileProtos } from "../protos/load-protos.ts";
import { UserError } from "../user-error.ts";
import { editedText, type FileEdit } from "./edit-files.ts";
import { type ImportPlan, isWritten } from "./plan-import.ts";
import { replaceFiles } from "./replace-files.ts";

/**
 * Writes the edits, compiles the result, and compares it with the configs once more. Whatever goes wrong, the files are as
 * they were.
 *
 * @param replan decides from compiled services what is still to be written: nothing, when all went well
 * @throws UserError when the result does not compile, or is not what was planned
 */
export async function writeAndProve(
  input: string,
  edits: readonly FileEdit[],
  plan: ImportPlan,
  replan: (services: readonly DescService[]) => ImportPlan,
  surroundings: Surroundings,
): Promise<void> {
  const files = edits.map((edit) => ({
    path: resolve(surroundings.folder, edit.path),
    before: edit.text,
    after: editedText(edit),
  }));
  replaceOrExplain(files);
  try {
    await prove(input, plan, replan, surroundings);
  } catch (error) {
    replaceFiles(files.map(({ path, before, after }) => ({ path, before: after, after: before })));
    throw error;
  }
}

/**
 * Compiles files that were annotated, and compares them with the configs once more.
 *
 * @throws UserError when they do not compile, or are not what was planned
 */
export async function prove(
  input: string,
  plan: ImportPlan,
  replan: (services: readonly DescService[]) => ImportPlan,
  surroundings: Surroundings,
): Promise<void> {
  const { services } = await compileProtos(input, surroundings).catch((error: unknown) => {
    throw explain(error);
  });
  const problem = findProblem(plan, replan(services));
  if (problem !== undefined) {
    throw new UserError(`The annotated .proto files do not say what the configs say; nothing was changed. ${problem}`);
  }
}

function replaceOrExplain(files: Parameters<typeof replaceFiles>[0]): void {
  try {
    replaceFiles(files);
  } catch (error) {
    throw new UserError(`Nothing was changed: ${error instanceof Error ? error.message : error}`);
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof UserError)) {
    return error;
  }
  const missing = /imported file does not exist|service_client_config\.proto/.test(error.message);
  const hint = missing
    ? " The module must find service_client_config.proto at its root, or at that of a module beside it: it comes with " +
      "@talaria/contract, in node_modules/@talaria/contract/proto. Add that folder to `modules` in buf.yaml, or copy the file."
    : "";
  return new UserError(`The annotated .proto files do not compile, so nothing was changed.${hint}\n${error.message}`);
}

function findProblem(before: ImportPlan, after: ImportPlan): string | undefined {
  const changed = new Set(before.services.filter(isWritten).map(({ inspection }) => inspection.service.typeName));
  for (const { inspection, plan } of after.services.filter((each) => changed.has(each.inspection.service.typeName))) {
    const [diagnostic] = inspection.diagnostics.filter(({ severity }) => severity === "error");
    if (diagnostic !== undefined) {
      return formatDiagnostic(diagnostic);
    }
    if (isWritten({ plan })) {
      const [method] = plan.methods.keys();
      return `${inspection.service.typeName}${method === undefined ? "" : `/${method.name}`} came out differently.`;
    }
  }
  const conflicts = ({ services }: ImportPlan): number =>
    services.reduce((sum, { plan }) => sum + plan.conflicts.length, 0);
  return conflicts(after) > conflicts(before) ? "The annotations disagree with each other." : undefined;
}
