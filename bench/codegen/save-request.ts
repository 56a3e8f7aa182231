// SPDX-License-Identifier: Apache-2.0
// A protoc plugin that generates nothing and keeps the request it gets.
// usage: save-request <file>
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const [file = ""] = process.argv.slice(2);
await pipeline(process.stdin, createWriteStream(file));
// A CodeGeneratorResponse with supported_features: without them buf prints a page of advice.
process.stdout.write(Buffer.from([0x10, 0x03, 0x18, 0xe6, 0x07, 0x20, 0xea, 0x07]));
