// SPDX-License-Identifier: Apache-2.0
import { contractPage, formatContractPage, formatTxtRecords, type ServiceInspection } from "@talaria/contract";
import type { PluginOptions } from "../options.ts";

/** A file about a service that is made only when it is asked for. */
export interface ExtraFile {
  /** What follows the name of the service. */
  readonly suffix: string;
  readonly content: string;
}

/** What makes the files that the options ask for beside client and service config. */
export type MakeExtraFiles = (inspection: ServiceInspection, options: PluginOptions) => readonly ExtraFile[];

/**
 * Makes the contract page and the DNS records of a service. The module is loaded only when one of them is asked for.
 *
 * @throws RangeError when the records would not fit in a DNS message.
 */
export const makeExtraFiles: MakeExtraFiles = (inspection, { contract_page: page, dns_txt: records }) => [
  ...(page === "none" ? [] : pageFiles(inspection, page)),
  ...(records === "none" ? [] : [zoneFile(inspection)]),
];

function pageFiles(inspection: ServiceInspection, form: "markdown" | "json" | "both"): readonly ExtraFile[] {
  const page = contractPage(inspection);
  return [
    ...(form === "json" ? [] : [{ suffix: ".contract.md", content: formatContractPage(page) }]),
    ...(form === "markdown" ? [] : [{ suffix: ".contract.json", content: `${JSON.stringify(page, null, 2)}\n` }]),
  ];
}

/** Names relative to the origin, because a `.proto` does not know where its service is deployed. */
function zoneFile({ service, contract }: ServiceInspection): ExtraFile {
  const records = formatTxtRecords([contract], service.typeName).map(({ name, strings }) => {
    const owner = name === service.typeName ? "@" : name.slice(0, -service.typeName.length - 1);
    return `${owner} IN TXT (\n${strings.map((string) => `  ${quote(string)}\n`).join("")})\n`;
  });
  const head = [
    `; The gRPC service config of ${service.typeName}, from ${service.file.name}.proto.`,
    "; In the zone file: $INCLUDE this-file name-that-clients-resolve.",
  ];
  return { suffix: ".grpc_config.zone", content: `${head.join("\n")}\n${records.join("")}` };
}

/** A character string of a master file (RFC 1035, 5.1). */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
