#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// CommonJS, because Node.js needs less time to start with it.
"use strict";
const { writeSync } = require("node:fs");
const [major] = process.versions.node.split(".");
if (Number(major) < 22) {
  process.stderr.write(`buf-plugin-talaria: needs Node 22 or later, this is Node ${process.versions.node}\n`);
  process.exit(1);
}
const command = process.argv.slice(2).join(" ");
// Eight of the nine starts that one `buf lint` costs ask for what is always the same: nothing else is loaded for them.
const answers = command.startsWith("check ") ? {} : require("../dist/answers.cjs").answers;
if (Object.hasOwn(answers, command)) {
  const bytes = Buffer.from(answers[command], "base64");
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(1, bytes, written);
  }
} else {
  // A folder inside the package: whoever may write there may change the program too. Where nobody may, there is no cache.
  // Node.js makes the folder as the umask says, and what lies in it is run: it must not be open where the package is not.
  process.umask(0o022);
  require("node:module").enableCompileCache?.(`${__dirname}/../node_modules/.cache`);
  require("../dist/main.cjs");
}
