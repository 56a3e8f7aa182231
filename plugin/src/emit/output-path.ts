// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { PluginOptions } from "../options.ts";

/** The name of a file about a service, in the folder of its `.proto`. */
export function outputPath(
  service: DescService,
  naming: PluginOptions["service_config_name"],
  suffix = ".grpc_service_config.json",
): string {
  const folder = service.file.name.replace(/[^/]*$/, "");
  return `${folder}${naming === "full" ? service.typeName : service.name}${suffix}`;
}
