// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from "node:v8";
import { answerRequest } from "./answer-request.ts";
import { createByteSource } from "./byte-source.ts";
import { createPathFinder } from "./path-finder.ts";
import { readStdin, writeStderr, writeStdout } from "./stdio.ts";
import { version } from "./version.ts";
import { createYoungSpaceHolder } from "./young-space-holder.ts";

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
  // Waking other threads to help with a few megabytes takes longer than they save.
  setFlagsFromString("--no-parallel-scavenge");
  // Most runs are over before the slower of the two optimizing compilers has paid for itself.
  setFlagsFromString("--no-turbofan");
  await answer();
}

async function answer(): Promise<void> {
  const holdYoungSpace = createYoungSpaceHolder();
  const write = (bytes: Uint8Array): void => {
    writeStdout(bytes);
    holdYoungSpace();
  };
  try {
    writeStderr(await answerRequest(createByteSource(readStdin), write, createPathFinder(process.cwd())));
  } catch (error) {
    writeStderr([`protoc-gen-talaria: ${error instanceof Error ? error.message : error}`]);
    process.exitCode = 1;
  }
}
