// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { type GeneratedContract, isGeneratedClient, readGeneratedContracts } from "./generated-contract.ts";

/** The generated clients of a code base. A file is read when somebody asks for it. */
export interface Contracts {
  /** Those of a client file; none when it is not one. */
  readonly ofFile: (file: string) => readonly GeneratedContract[];
  /** That of a service, by the file of its messages, `orders_pb.ts`: the client is generated beside it. */
  readonly beside: (messages: string, descriptor: string) => GeneratedContract | undefined;
  /** That of the only service in the code base whose short name this is. */
  readonly named: (descriptor: string) => GeneratedContract | undefined;
}

/** Contracts of the client files that were found, and of those that imports lead to. */
export function createContracts(texts: ReadonlyMap<string, string>): Contracts {
  const known = new Map<string, readonly GeneratedContract[]>();
  const textOf = (file: string): string | undefined => texts.get(file) ?? read(file);
  const ofFile = (file: string): readonly GeneratedContract[] => {
    let contracts = known.get(file);
    if (contracts === undefined) {
      contracts = readClient(file, textOf);
      known.set(file, contracts);
    }
    return contracts;
  };
  return {
    ofFile,
    beside(messages, descriptor) {
      for (const file of clientFiles(messages)) {
        const found = ofFile(file).find((contract) => contract.descriptor === descriptor);
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    },
    named(descriptor) {
      const declares = new RegExp(`ServiceClient<typeof ${descriptor}>`);
      const found = [...texts]
        .filter(([file, text]) => /_client\.[cm]?ts$/.test(file) && declares.test(text) && isGeneratedClient(text))
        .flatMap(([file]) => ofFile(file).filter((contract) => contract.descriptor === descriptor));
      return found.length === 1 ? found[0] : undefined;
    },
  };
}

/** A client file beside a file of messages, whatever it was compiled to. */
function clientFiles(messages: string): readonly string[] {
  const [, stem, extension = ""] = /^(.*)_pb((?:\.d)?\.[cm]?[jt]s)$/.exec(messages) ?? [];
  if (stem === undefined) {
    return [];
  }
  return [...new Set([extension, ".ts", ".d.ts", ".js"])].map((each) => `${stem}_client${each}`);
}

/** Of a declaration, the values are in the JavaScript beside it. */
function readClient(file: string, textOf: (file: string) => string | undefined): readonly GeneratedContract[] {
  const text = textOf(file);
  if (text === undefined || !isGeneratedClient(text)) {
    return [];
  }
  const contracts = readGeneratedContracts(file, text);
  const script = file.replace(/\.d\.([cm]?)ts$/, ".$1js");
  const scriptText = script === file ? undefined : textOf(script);
  if (scriptText === undefined) {
    return contracts;
  }
  const values = new Map(readGeneratedContracts(script, scriptText).map((each) => [each.contract, each]));
  return contracts.map((each) => {
    const { service, methods } = values.get(each.contract) ?? each;
    return { ...each, service, methods };
  });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
