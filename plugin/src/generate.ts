// SPDX-License-Identifier: Apache-2.0
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { type Diagnostic, formatDiagnostic } from "@talaria/contract";
import { createByteBuffer } from "./byte-buffer.ts";
import type { MakeExtraFiles } from "./emit/extra-files.ts";
import { createLocate } from "./locate.ts";
import { createPlugin } from "./plugin.ts";
import { encodeFiles } from "./response.ts";
import type { ScannedFile } from "./scan.ts";
import { createSession } from "./session.ts";
import { placeholderFile } from "./trim.ts";

/** What became of a request. */
export interface Generated {
  /** Why nothing is to be generated, in one or more lines. Absent: all is well. */
  readonly error?: string;
  /** What is wrong without being an error, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Files that are decoded at once. protoplugin looks files up by walking lists, so that time grows with the square of
 * this; and what one batch leaves behind is still young when it is collected.
 */
const batchSize = 16;

/** Options of {@link generate}. */
export interface GenerateOptions {
  /** Makes files that plugin options ask for. Absent: they are not obeyed. */
  readonly makeExtraFiles?: MakeExtraFiles | undefined;
  /** How a file is called in what is told to the user. Default: as imports call it. */
  readonly pathOf?: ((name: string) => string) | undefined;
}

/**
 * Generates the annotated files of a request: everything, or every error. Files go out as soon as they are there, as
 * `encodeFiles` writes them, and count for nothing if there is an error in the end.
 */
export function generate(
  parameter: string,
  files: Iterable<ScannedFile>,
  write: (part: Uint8Array) => void,
  { makeExtraFiles, pathOf = (name) => name }: GenerateOptions = {},
): Generated {
  const places = new Map<string, Uint8Array>();
  const session = createSession(createLocate(places));
  const plugin = createPlugin(session, makeExtraFiles);
  const scratch = createByteBuffer(64 * 1024);
  try {
    for (const batch of batches(files)) {
      places.clear();
      for (const file of batch) {
        places.set(file.name, file.places);
      }
      const response = plugin.run(requestFor(parameter, batch));
      write(encodeFiles(response.file, scratch));
    }
  } catch (error) {
    if (error instanceof Error && error.name === "PluginOptionError") {
      return { error: error.message, warnings: [] };
    }
    throw error;
  }
  const diagnostics = session.diagnostics.map(
    (diagnostic): Diagnostic => ({
      ...diagnostic,
      location: { ...diagnostic.location, file: pathOf(diagnostic.location.file) },
    }),
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning").map(formatWarning);
  return errors.length === 0 ? { warnings } : { error: formatErrors(errors), warnings };
}

function* batches(files: Iterable<ScannedFile>): Generator<readonly ScannedFile[], void> {
  let batch: ScannedFile[] = [];
  for (const file of files) {
    batch.push(file);
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

function requestFor(parameter: string, files: readonly ScannedFile[]): CodeGeneratorRequest {
  return create(CodeGeneratorRequestSchema, {
    parameter,
    fileToGenerate: files.map(({ name }) => name),
    protoFile: [placeholderFile(), ...files.map(({ descriptor }) => descriptor)].map(decodeFile),
  });
}

function decodeFile(descriptor: Uint8Array): FileDescriptorProto {
  return fromBinary(FileDescriptorProtoSchema, descriptor);
}

/** The first line stands behind the name of the plugin, where no editor would find a place in it. */
function formatErrors(errors: readonly Diagnostic[]): string {
  const count = errors.length === 1 ? "an error" : `${errors.length} errors`;
  return [`nothing is generated, because the contracts have ${count}:`, ...errors.map(formatDiagnostic)].join("\n");
}

function formatWarning(diagnostic: Diagnostic): string {
  return formatDiagnostic({ ...diagnostic, message: `warning: ${diagnostic.message}` });
}
