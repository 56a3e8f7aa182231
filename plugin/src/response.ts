// SPDX-License-Identifier: Apache-2.0
import { appendField, appendText, type ByteBuffer, createByteBuffer } from "./byte-buffer.ts";
import { stringField, varintField } from "./wire.ts";

/** A file of a `CodeGeneratorResponse`. */
export interface OutputFile {
  readonly name: string;
  readonly content: string;
}

/** What a plugin answers: files as `encodeFiles` writes them, or why there are none, in one or more lines. */
export type Answer =
  | { readonly kind: "files"; readonly files: readonly Uint8Array[] }
  | { readonly kind: "error"; readonly error: string };

/** Writes files as they stand in a response. Bytes, because they take half the memory of text. */
export function encodeFiles(files: readonly OutputFile[], scratch: ByteBuffer = createByteBuffer(4096)): Uint8Array {
  scratch.length = 0;
  for (const { name, content } of files) {
    appendField(scratch, RESPONSE.file, () => {
      appendField(scratch, FILE.name, () => appendText(scratch, name));
      appendField(scratch, FILE.content, () => appendText(scratch, content));
    });
  }
  return scratch.bytes.slice(0, scratch.length);
}

/**
 * Writes a `CodeGeneratorResponse`, in parts to be written one after the other. By hand, because loading a Protobuf
 * runtime takes longer than most requests, and most requests of a large module find nothing to generate.
 */
export function encodeResponse(answer: Answer): Uint8Array[] {
  return [
    ...(answer.kind === "error" ? stringField(RESPONSE.error, answer.error) : answer.files),
    varintField(RESPONSE.supportedFeatures, PROTO3_OPTIONAL | SUPPORTS_EDITIONS),
    varintField(RESPONSE.minimumEdition, supportedEditions.minimum),
    varintField(RESPONSE.maximumEdition, supportedEditions.maximum),
  ];
}

/** The editions that the Protobuf runtime supports: proto2 to 2026. */
export const supportedEditions = { minimum: 998, maximum: 1002 } as const;

const RESPONSE = { error: 1, supportedFeatures: 2, minimumEdition: 3, maximumEdition: 4, file: 15 } as const;
const FILE = { name: 1, content: 15 } as const;
const PROTO3_OPTIONAL = 1;
const SUPPORTS_EDITIONS = 2;
