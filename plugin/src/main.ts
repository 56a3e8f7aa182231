// SPDX-License-Identifier: Apache-2.0
import { answerRequest } from "./answer-request.ts";
import { readStdin, writeStderr, writeStdout } from "./stdio.ts";
import { version } from "./version.ts";

const usage = [
  `protoc-gen-talaria ${version}`,
  "Generates typed gRPC clients and gRPC service config from annotated services. It is run by buf or protoc: name it",
  "in buf.gen.yaml (local: protoc-gen-talaria), or pass --talaria_out to protoc.",
];

const args = process.argv.slice(2);
if (args.length > 0) {
  writeStderr(args.includes("--version") ? usage.slice(0, 1) : usage);
  process.exitCode = args.every((arg) => arg === "--version" || arg === "--help") ? 0 : 1;
} else {
  const { response, messages } = await answerRequest(readStdin());
  writeStderr(messages);
  writeStdout(response);
}
