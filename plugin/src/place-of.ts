// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Locate, SourceLocation } from "@talaria/contract";

/** Where a service or method is, or, with further numbers of the path in its descriptor, something inside it. */
export function placeOf(on: DescService | DescMethod, locate: Locate, ...inside: readonly number[]): SourceLocation {
  const service = on.kind === "rpc" ? on.parent : on;
  const method = on.kind === "rpc" ? [2, service.methods.indexOf(on)] : [];
  const sourcePath = [6, service.file.services.indexOf(service), ...method, ...inside];
  return { file: service.file.proto.name, sourcePath, ...locate(service.file, sourcePath) };
}
