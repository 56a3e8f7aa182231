// SPDX-License-Identifier: Apache-2.0
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/**
 * Puts every file after the files it imports: buf hands them over in no order, and a registry needs this one.
 *
 * @throws an Error that names a missing import.
 */
export function sortFiles(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const sorted = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto): void => {
    if (sorted.has(file)) {
      return;
    }
    for (const name of file.dependency) {
      const dependency = byName.get(name);
      if (dependency === undefined) {
        throw new Error(`${file.name} imports ${name}, which is missing`);
      }
      visit(dependency);
    }
    sorted.add(file);
  };
  files.forEach(visit);
  return [...sorted];
}
