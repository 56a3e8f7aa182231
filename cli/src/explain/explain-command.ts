// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { type ContractPage, contractPage, formatContractPage, inspectService } from "@talaria/contract";
import type { Arguments, Command, Surroundings } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { loadServices } from "../protos/load-services.ts";
import { selectServices } from "../protos/select-services.ts";
import { paintFor } from "../terminal/paint.ts";
import { formatTerminalPage } from "./format-terminal-page.ts";

/** `talaria explain`. */
export const explainCommand: Command = {
  name: "explain",
  summary: "Show what services demand of their clients",
  usage: "[--service NAME] [--format FORMAT] [PATH... | --image FILE]",
  help: [
    "Each method with its deadline, attempts, worst case and circuit breaker, every value with the line that sets it, and",
    "what clients in other languages do not get through the service config. PATH is a buf module, a workspace, or a .proto",
    'file; it is "." when there is none.',
    "",
    "Exit codes: 0; 1 when a contract has an error, which keeps a client from being generated; 2 wrong usage, or input that",
    "does not compile.",
  ],
  options: [
    { name: "service", value: "NAME", summary: "Only this service, by its full or its short name." },
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "markdown", "json"],
      summary: "text (default), markdown or json.",
    },
    {
      name: "image",
      value: "FILE",
      summary: "Read a compiled FileDescriptorSet or buf image instead of .proto files.",
    },
  ],
  run: explain,
};

async function explain({ paths, values }: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  const services = await loadServices("explain", { paths, values }, surroundings);
  const name = values.get("service");
  const inspections = (name === undefined ? services : selectServices(services, name)).map((service) =>
    inspectService(service),
  );
  const shown = name === undefined ? inspections.filter(({ annotated }) => annotated) : inspections;
  const pages = shown.map(contractPage);
  surroundings.writeOutput(format(pages, values.get("format") ?? "text", surroundings));
  saySilent(
    inspections.filter((inspection) => !shown.includes(inspection)).map(({ service }) => service),
    surroundings,
  );
  const broken = pages.filter(({ remarks }) => remarks.some(({ severity }) => severity === "error"));
  sayBroken(broken, surroundings);
  return broken.length === 0 ? 0 : 1;
}

/** The errors begin a page, which a terminal may have scrolled away. */
function sayBroken(pages: readonly ContractPage[], { writeMessage }: Surroundings): void {
  if (pages.length > 0) {
    const names = pages.map(({ service }) => service).join(", ");
    writeMessage(
      `talaria: ${pages.length === 1 ? "a contract has" : `${pages.length} contracts have`} errors: ${names}\n`,
    );
  }
}

function format(pages: readonly ContractPage[], as: string, surroundings: Surroundings): string {
  switch (as) {
    case "json":
      return `${JSON.stringify({ services: pages }, null, 2)}\n`;
    case "markdown":
      return pages.map(formatContractPage).join("\n");
    default: {
      const style = { paint: paintFor(surroundings), width: surroundings.outputColumns ?? 100 };
      return pages.map((page) => formatTerminalPage(page, style)).join("\n\n");
    }
  }
}

/** Services without an annotation have nothing to explain, but must not go unnoticed. */
function saySilent(services: readonly DescService[], { writeMessage }: Surroundings): void {
  if (services.length > 0) {
    const names = services.map(({ typeName }) => typeName).join(", ");
    const verb = services.length === 1 ? "service says" : "services say";
    writeMessage(`${services.length} ${verb} nothing about clients: ${names}\n`);
  }
}
