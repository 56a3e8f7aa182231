// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { buildCommands } from "./build-commands.ts";

await buildCommands(fileURLToPath(new URL("dist", import.meta.url)));
