// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { PluginOptions } from "../options.ts";

/** The name of the file with the gRPC service config of a service, in the folder of its `.proto`. */
export function serviceConfigPath(service: DescService, naming: PluginOptions["service_config_name"]): string {
  const folder = service.file.name.replace(/[^/]*$/, "");
  return `${folder}${naming === "full" ? service.typeName : service.name}.grpc_service_config.json`;
}
