// SPDX-License-Identifier: Apache-2.0
import { appendField, appendText, type ByteBuffer, createByteBuffer } from "./byte-buffer.ts";
import { concat, stringField, varintField } from "./wire.ts";

/** A file of a `CodeGeneratorResponse`. */
export interface OutputFile {
  readonly name: string;
  readonly content: string;
}

/** Writes files as they stand in a `CodeGeneratorResponse`. The bytes are good until the scratch is used again. */
export function encodeFiles(files: readonly OutputFile[], scratch: ByteBuffer = createByteBuffer(4096)): Uint8Array {
  scratch.length = 0;
  for (const { name, content } of files) {
    appendField(scratch, RESPONSE.file, () => {
      appendField(scratch, FILE.name, () => appendText(scratch, name));
      appendField(scratch, FILE.content, () => appendText(scratch, content));
    });
  }
  return scratch.bytes.subarray(0, scratch.length);
}

/**
 * Writes what stands in a response beside its files: what the plugin supports, and why it failed, if it did. buf and protoc
 * take a response with an error for a failure and write none of its files.
 *
 * By hand, because loading a Protobuf runtime takes longer than most requests, and most requests of a large module find
 * nothing to generate.
 */
export function encodeVerdict(error?: string): Uint8Array {
  return concat([
    ...(error === undefined ? [] : stringField(RESPONSE.error, error)),
    varintField(RESPONSE.supportedFeatures, PROTO3_OPTIONAL | SUPPORTS_EDITIONS),
    varintField(RESPONSE.minimumEdition, supportedEditions.minimum),
    varintField(RESPONSE.maximumEdition, supportedEditions.maximum),
  ]);
}

/** The editions that the Protobuf runtime supports: proto2 to 2026. */
const supportedEditions = { minimum: 998, maximum: 1002 } as const;

const RESPONSE = { error: 1, supportedFeatures: 2, minimumEdition: 3, maximumEdition: 4, file: 15 } as const;
const FILE = { name: 1, content: 15 } as const;
const PROTO3_OPTIONAL = 1;
const SUPPORTS_EDITIONS = 2;
