// SPDX-License-Identifier: Apache-2.0
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { compileProtos, readImage } from "../protos/load-protos.ts";
import { UserError } from "../user-error.ts";
import { findEmittedFiles } from "./find-emitted-files.ts";
import { type AskedFor, missingFiles } from "./missing-files.ts";
import { type Emitted, readEmitted } from "./read-emitted.ts";
import { type Contracts, readContracts, servicesIn, type VerifyFinding, verifyConfig } from "./verify-config.ts";
import { serviceOfPage, verifyPage } from "./verify-page.ts";

/** `talaria verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Prove that emitted files still say what the .proto says",
  usage: "[--proto DIR | --image FILE] [--format FORMAT] FILE|FOLDER...",
  help: [
    "Reads gRPC service configs (*.grpc_service_config.json), also from DNS records (*.grpc_config.zone), and compares them",
    "method by method with the contracts of the services they name. Contract pages (*.contract.md, *.contract.json) are made",
    "again and must be the same. In a folder, every annotated service must have its service config, and with --contract-page",
    "and --dns-txt, which say what the generator was asked for, its pages and DNS records.",
    "",
    "Exit codes: 0 they say the same; 1 they differ, and each difference is listed; 2 wrong usage, or input that cannot be",
    "read or does not compile.",
  ],
  options: [
    { name: "proto", value: "DIR", summary: 'The buf module or workspace of the .proto files; "." when absent.' },
    { name: "image", value: "FILE", summary: "Read a compiled FileDescriptorSet or buf image instead." },
    {
      name: "contract-page",
      value: "FORM",
      choices: ["none", "markdown", "json", "both"],
      summary: "The generator's contract_page: such pages must be in a folder. none when absent.",
    },
    {
      name: "dns-txt",
      value: "FORM",
      choices: ["none", "zone"],
      summary: "The generator's dns_txt: such records must be in a folder. none when absent.",
    },
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
  const { files, folders } = findEmittedFiles(paths, surroundings.folder);
  const asked = readAsked(values);
  if (folders.length === 0 && (asked.page !== "none" || asked.zone !== "none")) {
    throw new UserError("--contract-page and --dns-txt say what a folder must have: name the folder, not only files.");
  }
  const emitted = readEmitted(files, surroundings.folder);
  const protos = image === undefined ? await compileProtos(proto ?? ".", surroundings) : readImage(image, surroundings);
  const contracts = readContracts(protos.services);
  const { configs, zones, pages } = emitted;
  const findings = [
    ...configs.flatMap((file) => verifyConfig(file, contracts)),
    ...zones.flatMap(({ config, findings }) => [...findings, ...(config ? verifyConfig(config, contracts) : [])]),
    ...pages.flatMap(({ path, text }) => verifyPage(path, text, contracts)),
    ...(folders.length === 0 ? [] : missingFiles(emitted, asked, folders, contracts)),
  ];
  const methods = countMethods(emitted, contracts);
  surroundings.writeOutput(
    values.get("format") === "json"
      ? `${JSON.stringify({ files, methods, findings }, null, 2)}\n`
      : formatText(files.length, methods, findings),
  );
  return findings.length === 0 ? 0 : 1;
}

function readAsked(values: ReadonlyMap<string, string>): AskedFor {
  const page = values.get("contract-page") ?? "none";
  return {
    page: page === "markdown" || page === "json" || page === "both" ? page : "none",
    zone: values.get("dns-txt") === "zone" ? "zone" : "none",
  };
}

/** The methods of the services that any file speaks of. */
function countMethods({ configs, zones, pages }: Emitted, contracts: Contracts): number {
  const read = [...configs, ...zones.flatMap(({ config }) => config ?? [])];
  const services = new Set([
    ...read.flatMap(({ config }) => servicesIn(config, contracts)),
    ...pages.flatMap(({ path, text }) => serviceOfPage(path, text) ?? []),
  ]);
  return [...services].reduce((sum, name) => sum + (contracts.get(name)?.service.methods.length ?? 0), 0);
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
