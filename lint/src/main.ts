// SPDX-License-Identifier: Apache-2.0
import { runPlugin } from "./bufplugin/run-plugin.ts";

runPlugin("buf-plugin-talaria", async () => (await import("./spec.ts")).spec);
