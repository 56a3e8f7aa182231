// SPDX-License-Identifier: Apache-2.0
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createFileSet, type FileSet } from "./file-set.ts";
import type {
  AnnotationSchema,
  CheckRequest as CheckRequestMessage,
  CheckResponseSchema,
} from "./gen/buf/plugin/check/v1/check_pb.ts";
import type { FileLocationSchema } from "./gen/buf/plugin/descriptor/v1/descriptor_pb.ts";
import { createPlaceFinder, type Location, locationOf } from "./location.ts";
import { readOptions } from "./option.ts";
import { optionsOf, type PluginSpec } from "./plugin-spec.ts";
import { RpcError } from "./pluginrpc/rpc-error.ts";
import type { CheckRequest, Finding, Rule } from "./rule.ts";

/**
 * Runs the rules that a request asks for on its files.
 *
 * @throws RpcError INVALID_ARGUMENT for a request that is wrong, INTERNAL for a rule that is.
 */
export async function runRules(
  spec: PluginSpec,
  message: CheckRequestMessage,
): Promise<MessageInitShape<typeof CheckResponseSchema>> {
  if (message.fileDescriptors.length === 0) {
    throw new RpcError("INVALID_ARGUMENT", "the request has no files to check");
  }
  const rules = selectRules(spec, message.ruleIds);
  const request: CheckRequest = {
    current: openFiles(message.fileDescriptors),
    against: openFiles(message.againstFileDescriptors),
    options: readOptions(optionsOf(spec), message.options),
  };
  const place = { current: createPlacer(request.current), against: createPlacer(request.against) };
  const annotations: MessageInitShape<typeof AnnotationSchema>[] = [];
  for (const rule of rules) {
    for (const finding of await runRule(spec, rule, request)) {
      annotations.push({
        ruleId: rule.id,
        message: finding.message,
        fileLocation: place.current(finding.at),
        ...(finding.against === undefined ? {} : { againstFileLocation: place.against(finding.against) }),
      });
    }
  }
  return { annotations };
}

async function runRule(spec: PluginSpec, rule: Rule, request: CheckRequest): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    await rule.check(request, (finding) => {
      if (finding.message === "") {
        throw new Error("it reported a finding without a message");
      }
      findings.push(finding);
    });
  } catch (cause) {
    if (cause instanceof RpcError) {
      throw cause;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RpcError("INTERNAL", `rule ${rule.id} failed, which is a bug of ${spec.name}: ${reason}`, { cause });
  }
  return findings;
}

function selectRules(spec: PluginSpec, ids: readonly string[]): Rule[] {
  if (ids.length === 0) {
    return spec.rules.filter(({ isDefault }) => isDefault);
  }
  const byId = new Map(spec.rules.map((rule) => [rule.id, rule]));
  return ids.map((id) => {
    const rule = byId.get(id);
    if (rule === undefined) {
      throw new RpcError("INVALID_ARGUMENT", `${spec.name} has no rule ${id}`);
    }
    return rule;
  });
}

function openFiles(descriptors: CheckRequestMessage["fileDescriptors"]): FileSet {
  try {
    return createFileSet(descriptors);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RpcError("INVALID_ARGUMENT", `a file of the request cannot be read: ${reason}`, { cause });
  }
}

// Source information is three quarters of a request: it is decoded only for files with findings, and once.
function createPlacer(files: FileSet): (at: Finding["at"]) => MessageInitShape<typeof FileLocationSchema> {
  const finders = new Map<string, ReturnType<typeof createPlaceFinder>>();
  return (at) => {
    const { file, sourcePath }: Location = "kind" in at ? locationOf(at) : at;
    const protoFile = files.files.get(file);
    if (protoFile === undefined) {
      throw new RpcError("INTERNAL", `a rule reported a finding in ${file}, which is not among the files`);
    }
    const find = finders.get(file) ?? createPlaceFinder(protoFile.sourceInfo);
    finders.set(file, find);
    return { fileName: file, sourcePath: find(sourcePath) };
  };
}
