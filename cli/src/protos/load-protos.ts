// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createFileRegistry, type DescFile, type DescService, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Surroundings } from "../command.ts";
import { withProgress } from "../terminal/progress.ts";
import { UserError } from "../user-error.ts";
import { isImport } from "./is-import.ts";
import { runBuf } from "./run-buf.ts";

/** What was compiled. */
export interface LoadedProtos {
  /** Every file, those that others only import included. */
  readonly files: readonly DescFile[];
  /** The services of the files that are not only imported, in the order of the files. */
  readonly services: readonly DescService[];
}

/**
 * Compiles a module, a workspace or a file with the real buf.
 *
 * @throws UserError when there is nothing at a path, and with what buf says when it does not compile.
 */
export async function compileProtos(input: string, surroundings: Surroundings): Promise<LoadedProtos> {
  // buf calls a folder that is not there a module without files.
  if (isPath(input) && !existsSync(resolve(surroundings.folder, input))) {
    throw new UserError(`${input} does not exist.`);
  }
  return withProgress(surroundings, `compiling ${input}`, async () =>
    decodeImage(await runBuf(["build", input, "-o", "-#format=binpb"], surroundings), input),
  );
}

/** Whether an input cannot be a module of a registry (host/owner/name), an address, or have options after a `#`. */
function isPath(input: string): boolean {
  return /^[\w./\\-]+$/.test(input) && !/^[\w-]+\.[\w.-]+\//.test(input);
}

/**
 * Reads what a compiler has made: a buf image or a `FileDescriptorSet`, imports included, in the binary format.
 *
 * @throws UserError when the file cannot be read or is something else.
 */
export function readImage(path: string, { folder }: Surroundings): LoadedProtos {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(folder, path));
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return decodeImage(bytes, path);
}

function decodeImage(bytes: Uint8Array, name: string): LoadedProtos {
  try {
    const set = fromBinary(FileDescriptorSetSchema, bytes);
    const registry = createFileRegistry(set);
    const own = new Set(set.file.filter((file) => !isImport(file)).map(nameOf));
    const files = set.file.flatMap((file) => registry.getFile(file.name) ?? []);
    return { files, services: files.filter((file) => own.has(nameOf(file.proto))).flatMap((file) => file.services) };
  } catch (error) {
    throw new UserError(
      `${name} is no FileDescriptorSet with all its imports, in the binary format: ${error instanceof Error ? error.message : error}. ` +
        `Make one with \`buf build -o ${name.endsWith(".binpb") ? name : "image.binpb"}\`, or with \`protoc ` +
        "--include_imports --include_source_info --descriptor_set_out`.",
    );
  }
}

function nameOf({ name }: FileDescriptorProto): string {
  return name;
}
