// SPDX-License-Identifier: Apache-2.0
import { concat, lengthDelimited, stringField, varintField } from "./wire.ts";

/** A file of a `CodeGeneratorResponse`. */
export interface OutputFile {
  readonly name: string;
  readonly content: string;
}

/** What a plugin answers: files as `encodeFile` writes them, or why there are none, in one or more lines. */
export type Answer =
  | { readonly kind: "files"; readonly files: readonly Uint8Array[] }
  | { readonly kind: "error"; readonly error: string };

/** Writes a file as it stands in a response. Bytes, because they take half the memory of text. */
export function encodeFile({ name, content }: OutputFile): Uint8Array {
  return concat(
    lengthDelimited(RESPONSE.file, [...stringField(FILE.name, name), ...stringField(FILE.content, content)]),
  );
}

/**
 * Writes a `CodeGeneratorResponse`, in parts to be written one after the other. By hand, because loading a Protobuf runtime takes longer than most requests, and
 * most requests of a large module find nothing to generate.
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
