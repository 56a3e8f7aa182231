// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The comment that begins a bundle with packages of Buf in it: what their licences ask to be kept. */
export function bundledNotices(...packages: readonly string[]): string {
  const varint = fileURLToPath(import.meta.resolve("@bufbuild/protobuf/wire")).replace(/index\.js$/, "varint.js");
  const [google] = readFileSync(varint, "utf8").match(/^(\/\/.*\n)+/) ?? [""];
  return [
    "// SPDX-License-Identifier: Apache-2.0 AND BSD-3-Clause",
    `// Contains ${packages.join(" and ")},`,
    "// Copyright 2021-2026 Buf Technologies, Inc., under the Apache License 2.0, and within it:",
    google.trimEnd(),
  ].join("\n");
}
