// SPDX-License-Identifier: Apache-2.0
// The least that a plugin on protoplugin does: one file with a comment for each service.
import { createEcmaScriptPlugin, runNodeJs } from "@bufbuild/protoplugin";

runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-nothing",
    version: "v1",
    generateTs({ files, generateFile }) {
      for (const service of files.flatMap(({ services }) => services)) {
        generateFile(`${service.typeName}.ts`).print("// nothing");
      }
    },
  }),
);
