// SPDX-License-Identifier: Apache-2.0
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CategorySchema, CheckService, type RuleSchema, RuleType } from "./gen/buf/plugin/check/v1/check_pb.ts";
import { PluginInfoService } from "./gen/buf/plugin/info/v1/info_pb.ts";
import { type PluginSpec, validateSpec } from "./plugin-spec.ts";
import { createProcedure } from "./pluginrpc/procedure.ts";
import { RpcError } from "./pluginrpc/rpc-error.ts";
import type { Server } from "./pluginrpc/serve.ts";
import type { Rule } from "./rule.ts";
import { runRules } from "./run-rules.ts";

/**
 * Serves a plugin over buf's check protocol.
 *
 * @throws SpecError when the spec is wrong.
 */
export function createCheckServer(spec: PluginSpec): Server {
  validateSpec(spec);
  return {
    name: spec.name,
    procedures: [
      createProcedure(CheckService.method.check, ["check"], (request) => runRules(spec, request)),
      createProcedure(CheckService.method.listRules, ["list-rules"], (request) => {
        const { items, nextPageToken } = paginate(spec.rules.map(describeRule), request);
        return { rules: items, nextPageToken };
      }),
      createProcedure(CheckService.method.listCategories, ["list-categories"], (request) => {
        const { items, nextPageToken } = paginate(spec.categories.map(describeCategory), request);
        return { categories: items, nextPageToken };
      }),
      createProcedure(PluginInfoService.method.getPluginInfo, ["info"], () => ({
        pluginInfo: {
          documentation: spec.documentation,
          license: { spdxLicenseId: spec.license.spdxId, source: { case: "url" as const, value: spec.license.url } },
        },
      })),
    ],
    rewriteJsonRequest: async (json) => (await import("./rewrite-json-request.ts")).rewriteJsonRequest(json),
  };
}

function describeRule(rule: Rule): MessageInitShape<typeof RuleSchema> {
  return {
    id: rule.id,
    categoryIds: [...rule.categories],
    default: rule.isDefault,
    purpose: rule.purpose,
    type: rule.type === "lint" ? RuleType.LINT : RuleType.BREAKING,
    deprecated: rule.replacedBy !== undefined,
    replacementIds: [...(rule.replacedBy ?? [])],
  };
}

function describeCategory({ id, purpose }: PluginSpec["categories"][number]): MessageInitShape<typeof CategorySchema> {
  return { id, purpose };
}

const defaultPageSize = 250;

function paginate<T>(all: readonly T[], request: { readonly pageSize: number; readonly pageToken: string }) {
  const start = request.pageToken === "" ? 0 : Number(request.pageToken);
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new RpcError("INVALID_ARGUMENT", `unknown page token "${request.pageToken}"`);
  }
  const end = start + (request.pageSize || defaultPageSize);
  return { items: all.slice(start, end), nextPageToken: end < all.length ? String(end) : "" };
}
