// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsOf, docBlocks } from "../support/doc-blocks.ts";
import { root } from "../support/run-command.ts";

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What the install lines of a text name, with its version where there is one. */
function installsOf(text: string): readonly string[] {
  return docBlocks(text)
    .filter(({ language }) => language === "sh")
    .flatMap(commandsOf)
    .filter((command) => command.startsWith("npm install "))
    .flatMap((command) => command.split(" ").slice(2))
    .filter((word) => !word.startsWith("-"));
}

/** The packages that the TypeScript of a text imports, those of Node.js apart. */
function importsOf(text: string): readonly string[] {
  const specifiers = docBlocks(text)
    .filter(({ language }) => language === "ts")
    .flatMap((block) => [...block.text.matchAll(/ from "([^".][^"]*)"/g)].map(([, specifier = ""]) => specifier));
  const names = specifiers
    .filter((specifier) => !specifier.startsWith("node:"))
    .map((specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(names)].sort();
}

function nameOf(pin: string): string {
  return pin.replace(/(?<=.)@.*$/, "");
}

const using = readFileSync(join(root, "docs/using.md"), "utf8");

// Strict layouts, such as pnpm's, show code only the packages that its own package.json names.
test.each(["docs/using.md", "docs/servers.md", "contract/README.md", "runtime/README.md"])(
  "%s imports only what is installed there or in docs/using.md, in the tested version",
  (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const installs = new Set([...installsOf(using), ...installsOf(text)]);
    const names = [...installs].map(nameOf);
    expect(importsOf(text)).not.toEqual([]);
    expect(importsOf(text).filter((name) => !names.includes(name))).toEqual([]);
    const versions = installsOf(text).filter((pin) => nameOf(pin) !== pin);
    expect(versions).toEqual(versions.map(nameOf).map((name) => `${name}@${devDependencies[name]}`));
  },
);
