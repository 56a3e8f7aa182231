// SPDX-License-Identifier: Apache-2.0

import type { Emitted } from "./read-emitted.ts";
import { type Contracts, servicesIn, type VerifyFinding } from "./verify-config.ts";
import { serviceOfPage } from "./verify-page.ts";

/** What the generator was asked for beside the service config, in the words of its options. */
export interface AskedFor {
  /** `contract_page`. */
  readonly page: "none" | "markdown" | "json" | "both";
  /** `dns_txt`. */
  readonly zone: "none" | "zone";
}

/** A kind of file that every annotated service must have. */
interface Wanted {
  /** The services that have it. */
  readonly there: ReadonlySet<string | undefined>;
  /** A service without methods has none either. */
  readonly needsMethods: boolean;
  readonly message: string;
}

/** Finds the annotated services that lack one of the files that were asked for, in all of the folders together. */
export function missingFiles(
  emitted: Emitted,
  asked: AskedFor,
  folders: readonly string[],
  contracts: Contracts,
): readonly VerifyFinding[] {
  const annotated = [...contracts.values()].filter((inspection) => inspection.annotated);
  return wantedFiles(emitted, asked, contracts).flatMap(({ there, needsMethods, message }) =>
    annotated
      .filter(({ service }) => !there.has(service.typeName) && !(needsMethods && service.methods.length === 0))
      .map(({ service }) => ({ file: folders.join(", "), element: service.typeName, message })),
  );
}

function wantedFiles({ configs, zones, pages }: Emitted, asked: AskedFor, contracts: Contracts): readonly Wanted[] {
  const pagesNamed = (suffix: string): ReadonlySet<string | undefined> =>
    new Set(pages.filter(({ path }) => path.endsWith(suffix)).map(({ path, text }) => serviceOfPage(path, text)));
  const page = (suffix: string, option: string): Wanted => ({
    there: pagesNamed(suffix),
    needsMethods: false,
    message: `no page *${suffix} here is about it. Run \`buf generate\` with contract_page=${option}.`,
  });
  return [
    {
      there: new Set(configs.flatMap(({ config }) => servicesIn(config, contracts))),
      needsMethods: true,
      message: "no file here says what the .proto demands of its clients. Run `buf generate` again.",
    },
    ...(asked.page === "markdown" || asked.page === "both" ? [page(".contract.md", asked.page)] : []),
    ...(asked.page === "json" || asked.page === "both" ? [page(".contract.json", asked.page)] : []),
    ...(asked.zone === "none"
      ? []
      : [
          {
            there: new Set(zones.flatMap(({ config }) => (config ? servicesIn(config.config, contracts) : []))),
            needsMethods: true,
            message: "no DNS records *.grpc_config.zone here speak of it. Run `buf generate` with dns_txt=zone.",
          },
        ]),
  ];
}
