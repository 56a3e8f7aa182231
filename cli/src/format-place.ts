// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { locateInSourceInfo, type SourceLocation } from "@talaria/contract";

/** Writes a place as `file:line:column`, as far as it is known. */
export function formatPlace({ file, line, column }: Pick<SourceLocation, "file" | "line" | "column">): string {
  return line === undefined ? file : `${file}:${line}:${column ?? 1}`;
}

/** Where a service or method is declared. */
export function placeOf(on: DescService | DescMethod): string {
  const service = on.kind === "rpc" ? on.parent : on;
  const { file } = service;
  const path = [6, file.services.indexOf(service), ...(on.kind === "rpc" ? [2, service.methods.indexOf(on)] : [])];
  return formatPlace({ file: `${file.name}.proto`, ...locateInSourceInfo(file, path) });
}
