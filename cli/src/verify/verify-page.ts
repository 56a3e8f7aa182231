// SPDX-License-Identifier: Apache-2.0
import { contractPage, formatContractPage } from "@talaria/contract";
import { didYouMean } from "../suggest.ts";
import { brokenService, type Contracts, silentService, type VerifyFinding } from "./verify-config.ts";

/** The service that a contract page is about. Undefined: the text is no such page. */
export function serviceOfPage(path: string, text: string): string | undefined {
  return path.endsWith(".json")
    ? text.match(/^\{\s*"service": "([\w.]+)"/)?.[1]
    : text.match(/^# `([\w.]+)`\r?\n/)?.[1];
}

/** Makes a contract page again, and compares it with what the file says, line by line. */
export function verifyPage(path: string, text: string, contracts: Contracts): readonly VerifyFinding[] {
  const service = serviceOfPage(path, text);
  if (service === undefined) {
    return [
      { file: path, element: "", message: "The file is no contract page: it names no service in its first lines." },
    ];
  }
  const inspection = contracts.get(service);
  if (inspection === undefined) {
    const message = `the .proto has no service ${service}.${didYouMean(service, contracts.keys())}`;
    return [{ file: path, element: service, message }];
  }
  if (!inspection.annotated) {
    return [silentService(path, inspection.service)];
  }
  const broken = brokenService(path, inspection);
  if (broken !== undefined) {
    return [broken];
  }
  const page = contractPage(inspection);
  const expected = path.endsWith(".json") ? `${JSON.stringify(page, null, 2)}\n` : formatContractPage(page);
  const [found, wanted] = [text.replaceAll("\r\n", "\n").split("\n"), expected.split("\n")];
  const index = wanted.findIndex((line, at) => line !== found[at]);
  const first = index < 0 && found.length > wanted.length ? wanted.length : index;
  return first < 0
    ? []
    : [{ file: `${path}:${first + 1}:1`, element: service, message: difference(found[first], wanted[first]) }];
}

function difference(found: string | undefined, wanted: string | undefined): string {
  const left = found === undefined ? "the page ends here" : `the page says ${JSON.stringify(found.trim())}`;
  const right = wanted === undefined ? "ends before" : JSON.stringify(wanted.trim());
  return `${left}, one made of the .proto ${wanted === undefined ? right : `says ${right}`}. Run \`buf generate\` again.`;
}
