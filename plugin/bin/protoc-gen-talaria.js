#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
const [major] = process.versions.node.split(".");
if (Number(major) < 22) {
  process.stderr.write(`protoc-gen-talaria: needs Node 22 or later, this is Node ${process.versions.node}\n`);
  process.exit(1);
}
await import("../dist/main.js");
