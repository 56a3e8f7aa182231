// SPDX-License-Identifier: Apache-2.0
import { encodeResponse } from "./response.ts";
import { type ScannedRequest, scanRequest } from "./scan.ts";

/** The answer to a request. */
export interface RequestAnswer {
  /** A `google.protobuf.compiler.CodeGeneratorResponse` in wire format. */
  readonly response: Uint8Array;
  /** What to tell the user beside it, line by line. */
  readonly messages: readonly string[];
}

/** Services named in the note about services without a contract; further ones are counted. */
const maxNamedServices = 3;

/**
 * Answers a `google.protobuf.compiler.CodeGeneratorRequest` in wire format: with files, or with every error in the
 * contracts it asks for, one `file:line:column: message` a line.
 *
 * @throws Error when the bytes are not a request.
 */
export async function answerRequest(request: Uint8Array): Promise<RequestAnswer> {
  const scanned = scanRequest(request);
  const note = noteSilence(scanned);
  const files = keepsEmptyFiles(scanned) ? scanned.files : scanned.files.filter(({ annotated }) => annotated);
  if (files.length === 0) {
    return { response: encodeResponse({ kind: "files", files: [] }), messages: note };
  }
  // The Protobuf runtime and protoplugin are loaded only for a request that concerns us.
  const { generate } = await import("./generate.ts");
  const { answer, warnings } = generate({ ...scanned, files });
  return { response: encodeResponse(answer), messages: [...note, ...warnings] };
}

/** protoplugin reads this option too late for us: a file without contracts is not shown to it. */
function keepsEmptyFiles({ parameter }: ScannedRequest): boolean {
  return /(^|,)keep_empty_files=(true|1)(,|$)/.test(parameter);
}

function noteSilence({ files }: ScannedRequest): string[] {
  const services = files.flatMap(({ silentServices }) => silentServices);
  if (services.length === 0) {
    return [];
  }
  const named = services.slice(0, maxNamedServices).join(", ");
  const more = services.length > maxNamedServices ? ` and ${services.length - maxNamedServices} more` : "";
  return [
    `protoc-gen-talaria: no client for ${named}${more}: without (service_client.client_config) there is no contract. ` +
      "buf lint with buf-plugin-talaria shows where.",
  ];
}
