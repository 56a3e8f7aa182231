// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescService, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bufBinary = join(root, "node_modules/.bin/buf");
const cacheFolder = join(root, "node_modules/.cache/talaria-protos");
const optionFile = "service_client_config.proto";
const optionText = readFileSync(join(root, "proto", optionFile), "utf8");
const bufVersion = readFileSync(join(root, "node_modules/@bufbuild/buf/package.json"), "utf8");

/**
 * Compiles `.proto` texts by file name with the real buf, source information included. `service_client_config.proto`
 * can be imported. Results are kept by content in `node_modules/.cache`, so that buf runs once per text.
 *
 * @throws an Error with what buf says when a text does not compile.
 */
export function compileProtos(files: Readonly<Record<string, string>>): FileRegistry {
  return createFileRegistry(compileDescriptors(files));
}

/** As {@link compileProtos}, for one text; answers with its service of this full name. */
export function compileService(text: string, typeName: string): DescService {
  const service = compileProtos({ "test.proto": text }).getService(typeName);
  if (service === undefined) {
    throw new Error(`test.proto declares no service ${typeName}`);
  }
  return service;
}

/** As {@link compileProtos}; answers with the descriptors, imports included. */
export function compileDescriptors(files: Readonly<Record<string, string>>): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, compileBytes(files));
}

function compileBytes(files: Readonly<Record<string, string>>): Uint8Array {
  const all = { [optionFile]: optionText, ...files };
  const key = createHash("sha256")
    .update(JSON.stringify([bufVersion, all]))
    .digest("hex");
  const cached = join(cacheFolder, `${key}.binpb`);
  if (existsSync(cached)) {
    return readFileSync(cached);
  }
  const bytes = runBuf(all);
  mkdirSync(cacheFolder, { recursive: true });
  // Test files run side by side: a rename never shows a half-written file.
  const draft = `${cached}.${process.pid}`;
  writeFileSync(draft, bytes);
  renameSync(draft, cached);
  return bytes;
}

function runBuf(files: Readonly<Record<string, string>>): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "talaria-protos-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const args = ["build", ".", "--as-file-descriptor-set", "-o", "-#format=binpb"];
    const { status, stdout, stderr, error } = spawnSync(bufBinary, args, { cwd: folder, maxBuffer: 1 << 28 });
    if (status !== 0) {
      throw new Error(`buf build failed: ${error?.message ?? stderr.toString()}`);
    }
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
