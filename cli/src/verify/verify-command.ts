// SPDX-License-Identifier: Apache-2.0
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { compileProtos, readImage } from "../protos/load-protos.ts";
import { type ConfigFile, readConfigFile } from "../read-config-file.ts";
import { UserError } from "../user-error.ts";
import { findConfigFiles } from "./find-config-files.ts";
import { type Contracts, readContracts, servicesIn, type VerifyFinding, verifyConfig } from "./verify-config.ts";

/** `talaria verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Prove that emitted files still say what the .proto says",
  usage: "[--proto DIR | --image FILE] [--format FORMAT] FILE|FOLDER...",
  help: [
    "Reads gRPC service configs, and in folders all *.grpc_service_config.json, and compares them method by method with the",
    "contracts of the services they name. In a folder, every annotated service must have its file.",
    "",
    "Exit codes: 0 they say the same; 1 they differ, and each difference is listed; 2 wrong usage, or input that cannot be",
    "read or does not compile.",
  ],
  options: [
    { name: "proto", value: "DIR", summary: 'The buf module or workspace of the .proto files; "." when absent.' },
    { name: "image", value: "FILE", summary: "Read a compiled FileDescriptorSet or buf image instead." },
    { name: "format", value: "FORMAT", choices: ["text", "json"], summary: "text (default) or json." },
  ],
  run: verify,
};

async function verify({ paths, values }: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const [image, proto] = [values.get("image"), values.get("proto")];
  if (image !== undefined && proto !== undefined) {
    throw new UserError("talaria verify reads either --proto or --image. Leave out one of them.");
  }
  if (paths.length === 0) {
    throw new UserError("talaria verify needs the files to verify, or the folder that `buf generate` writes to.");
  }
  const { files, folders } = findConfigFiles(paths, surroundings.folder);
  const read = files.map((path) => readConfigFile(path, surroundings.folder));
  const protos = image === undefined ? await compileProtos(proto ?? ".", surroundings) : readImage(image, surroundings);
  const contracts = readContracts(protos.services);
  const findings = [
    ...read.flatMap((file) => verifyConfig(file, contracts)),
    ...(folders.length === 0 ? [] : missingFiles(read, folders, contracts)),
  ];
  const methods = countMethods(read, contracts);
  surroundings.writeOutput(
    values.get("format") === "json"
      ? `${JSON.stringify({ files, methods, findings }, null, 2)}\n`
      : formatText(files.length, methods, findings),
  );
  return findings.length === 0 ? 0 : 1;
}

function missingFiles(
  read: readonly ConfigFile[],
  folders: readonly string[],
  contracts: Contracts,
): readonly VerifyFinding[] {
  const there = new Set(read.flatMap(({ config }) => servicesIn(config, contracts)));
  return [...contracts.values()]
    .filter(({ annotated, service }) => annotated && service.methods.length > 0 && !there.has(service.typeName))
    .map(({ service }) => ({
      file: folders.join(", "),
      element: service.typeName,
      message: "no file here says what the .proto demands of its clients. Run `buf generate` again.",
    }));
}

function countMethods(read: readonly ConfigFile[], contracts: Contracts): number {
  const services = read.flatMap(({ config }) => servicesIn(config, contracts));
  return services.reduce((sum, name) => sum + (contracts.get(name)?.service.methods.length ?? 0), 0);
}

function formatText(files: number, methods: number, findings: readonly VerifyFinding[]): string {
  const lines = findings.map(
    ({ file, element, message }) => `${file}: ${element === "" ? "" : `${element}: `}${message}`,
  );
  const what = `${count(files, "file")} with ${count(methods, "method")}`;
  const summary =
    findings.length === 0 ? `${what}: as the .proto says` : `${what}: ${count(findings.length, "difference")}`;
  return `${[...lines, summary].join("\n")}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
