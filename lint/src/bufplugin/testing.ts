// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { createCheckServer } from "./check-server.ts";
import { createFileSet } from "./file-set.ts";
import { ImageFileSchema, ImageSchema } from "./gen/buf/image/v1/image_pb.ts";
import { type Annotation, CheckRequestSchema, CheckResponseSchema } from "./gen/buf/plugin/check/v1/check_pb.ts";
import { type FileDescriptor, FileDescriptorSchema } from "./gen/buf/plugin/descriptor/v1/descriptor_pb.ts";
import type { OptionSchema, ValueSchema } from "./gen/buf/plugin/option/v1/option_pb.ts";
import { RequestSchema, ResponseSchema } from "./gen/pluginrpc/v1/pluginrpc_pb.ts";
import { keepFields } from "./keep-fields.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { serve } from "./pluginrpc/serve.ts";

/** What {@link checkFiles} checks. */
export interface CheckFilesInit {
  /** The plugin. */
  readonly spec: PluginSpec;
  /** The text of each file, by its name as imports write it. */
  readonly files: ProtoTexts;
  /** The earlier state, for breaking rules. */
  readonly against?: ProtoTexts;
  /** The ids of the rules to run. Default: the rules that are on by default. */
  readonly rules?: readonly string[];
  /** What `buf.yaml` would set. As there, `1` is a whole number and `1.5` is not. */
  readonly options?: Readonly<Record<string, TestOptionValue>>;
  /** The buf program. Default: `buf`, looked up in PATH. */
  readonly buf?: string;
  /** Where to keep what buf compiled, by content. Default: nowhere. */
  readonly cacheFolder?: string;
}

/** The texts of `.proto` files by file name. */
export type ProtoTexts = Readonly<Record<string, string>>;

/** A value as YAML would write it. */
export type TestOptionValue = boolean | number | string | readonly TestOptionValue[];

/** A finding as buf would print it. */
export interface TestFinding {
  readonly rule: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  readonly message: string;
}

/**
 * Compiles files with the real buf and runs a plugin on them in this process, over the whole protocol except for the
 * process itself. What buf does with the findings afterwards (comment ignores, `except`) is not done.
 *
 * @returns the findings, ordered by file, line, column and rule.
 * @throws an Error with what buf says when a file does not compile, or with what the plugin says when it fails.
 */
export async function checkFiles(init: CheckFilesInit): Promise<TestFinding[]> {
  const current = compileFiles(init.files, init);
  const value = create(CheckRequestSchema, {
    fileDescriptors: shuffle(current),
    againstFileDescriptors: init.against === undefined ? [] : shuffle(compileFiles(init.against, init)),
    ruleIds: [...(init.rules ?? [])],
    options: Object.entries(init.options ?? {}).map(toOption),
  });
  const request = toBinary(RequestSchema, create(RequestSchema, { value: anyPack(CheckRequestSchema, value) }));
  const server = createCheckServer(init.spec);
  const { stdout } = await serve(server, ["check", "--format", "binary"], () => request);
  const response = fromBinary(ResponseSchema, stdout);
  if (response.error !== undefined) {
    throw new Error(response.error.message);
  }
  const annotations = response.value && anyUnpack(response.value, CheckResponseSchema)?.annotations;
  if (annotations === undefined) {
    throw new Error("the plugin answered with nothing");
  }
  const locate = createLocator(current);
  return annotations.map(locate).sort(compareFindings);
}

function createLocator(descriptors: FileDescriptor[]): (annotation: Annotation) => TestFinding {
  const { files } = createFileSet(descriptors);
  return ({ ruleId, message, fileLocation }) => {
    const file = fileLocation?.fileName ?? "";
    const path = (fileLocation?.sourcePath ?? []).join(".");
    const place = files.get(file)?.sourceInfo?.location.find((location) => location.path.join(".") === path);
    const [line = 0, column = 0] = path === "" ? [] : (place?.span ?? []);
    return { rule: ruleId, file, line: line + 1, column: column + 1, message };
  };
}

function compareFindings(a: TestFinding, b: TestFinding): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.rule, b.rule);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// buf promises no order of files, so a plugin that needs one must fail here too. Always the same order: tests repeat.
function shuffle<T>(items: readonly T[]): T[] {
  return [...items].reverse();
}

function compileFiles(files: ProtoTexts, options: Pick<CheckFilesInit, "buf" | "cacheFolder">): FileDescriptor[] {
  const image = fromBinary(ImageSchema, cached(files, options));
  return image.file.map((fileDescriptorProto) => {
    const { number } = ImageFileSchema.field.bufExtension;
    const { bufExtension } = fromBinary(
      ImageFileSchema,
      keepFields(fileDescriptorProto, (field) => field === number),
    );
    return create(FileDescriptorSchema, {
      fileDescriptorProto,
      isImport: bufExtension?.isImport ?? false,
      isSyntaxUnspecified: bufExtension?.isSyntaxUnspecified ?? false,
      unusedDependency: bufExtension?.unusedDependency ?? [],
    });
  });
}

function cached(
  files: ProtoTexts,
  { buf = "buf", cacheFolder }: Pick<CheckFilesInit, "buf" | "cacheFolder">,
): Uint8Array {
  if (cacheFolder === undefined) {
    return runBufBuild(files, buf);
  }
  const path = join(
    cacheFolder,
    `${createHash("sha256")
      .update(JSON.stringify([buf, files]))
      .digest("hex")}.binpb`,
  );
  if (!existsSync(path)) {
    mkdirSync(cacheFolder, { recursive: true });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, runBufBuild(files, buf));
    renameSync(draft, path);
  }
  return readFileSync(path);
}

function runBufBuild(files: ProtoTexts, buf: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "bufplugin-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const built = spawnSync(buf, ["build", ".", "-o", "-#format=binpb"], { cwd: folder, maxBuffer: 1 << 28 });
    if (built.status !== 0) {
      throw new Error(`buf build failed: ${built.error?.message ?? built.stderr.toString()}`);
    }
    return built.stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toOption([key, value]: [string, TestOptionValue]): MessageInitShape<typeof OptionSchema> {
  return { key, value: toValue(value) };
}

function toValue(value: TestOptionValue): MessageInitShape<typeof ValueSchema> {
  switch (typeof value) {
    case "boolean":
      return { type: { case: "boolValue", value } };
    case "number":
      return Number.isInteger(value)
        ? { type: { case: "int64Value", value: BigInt(value) } }
        : { type: { case: "doubleValue", value } };
    case "string":
      return { type: { case: "stringValue", value } };
    default:
      return { type: { case: "listValue", value: { values: value.map(toValue) } } };
  }
}
