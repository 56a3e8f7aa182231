// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from "./byte-source.ts";
import { encodeVerdict } from "./response.ts";
import { type ScannedRequest, scanRequest } from "./scan.ts";

/** Services named in the note about services without a contract; further ones are counted. */
const maxNamedServices = 3;

/**
 * Answers a `google.protobuf.compiler.CodeGeneratorRequest` in wire format: with files, or with every error in the
 * contracts it asks for, one `file:line:column: message` a line. Hands the parts of a `CodeGeneratorResponse` in wire format
 * to `write`, which must be done with each when it returns; answers with what to tell the user beside it, line by line.
 *
 * `pathOf` says how to call a file in such lines; by default, it is called as imports call it.
 *
 * @throws Error when the bytes are not a request.
 */
export async function answerRequest(
  request: ByteSource,
  write: (part: Uint8Array) => void,
  pathOf?: (name: string) => string,
): Promise<readonly string[]> {
  const scanned = scanRequest(request);
  const first = scanned.files.next();
  if (first.done) {
    write(encodeVerdict());
    return noteSilence(scanned);
  }
  // The Protobuf runtime and protoplugin are loaded only for a request that concerns us.
  const { generate } = await import("./generate.ts");
  const { parameter } = scanned;
  const extra = asksForMore.test(parameter) ? await import("./emit/extra-files.ts") : undefined;
  const files = follow(first.value, scanned.files);
  const { error, warnings } = generate(parameter, files, write, { makeExtraFiles: extra?.makeExtraFiles, pathOf });
  write(encodeVerdict(error));
  return [...noteSilence(scanned), ...warnings];
}

/** Whether options ask for files that few need, and whose makers are loaded for them alone. */
const asksForMore = /(^|,)(contract_page|dns_txt)=/;

function* follow<T>(first: T, rest: Iterable<T>): Generator<T, void> {
  yield first;
  yield* rest;
}

function noteSilence({ silentServices }: ScannedRequest): string[] {
  const count = silentServices.length;
  if (count === 0) {
    return [];
  }
  const named = silentServices.slice(0, maxNamedServices).join(", ");
  const more = count > maxNamedServices ? ` and ${count - maxNamedServices} more` : "";
  return [
    `protoc-gen-talaria: no client for ${named}${more}: without (service_client.client_config) there is no contract. ` +
      "buf lint with buf-plugin-talaria shows where.",
  ];
}
