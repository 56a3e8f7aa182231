// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { create, type DescMessage, type DescMethodUnary, type DescService, type Message } from "@bufbuild/protobuf";
import { compileService } from "../../test/support/compile.ts";

const text = readFileSync(new URL("echo.proto", import.meta.url), "utf8");

/** The service that every client of the benchmark calls. */
export const echoService: DescService = compileService(text, "bench.v1.Echo");

/** Its one method. */
export const sayMethod = echoService.methods[0] as DescMethodUnary<DescMessage, DescMessage>;

/** A request of nine bytes. */
export function request(): Message {
  return create(sayMethod.input, { text: "seven b" } as never);
}
