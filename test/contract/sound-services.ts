// SPDX-License-Identifier: Apache-2.0
import type { DescMessage, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { clientConfigOption, inspectService, methodConfigOption } from "@talaria/contract";
import fc from "fast-check";
import { type BuiltMethod, buildService } from "./build-service.ts";
import { optionBytes } from "./option-bytes.ts";

function messageOf(option: typeof clientConfigOption | typeof methodConfigOption): DescMessage {
  if (option.fieldKind !== "message") {
    throw new Error(`${option.typeName} is no message`);
  }
  return option.message;
}

const methodName = fc.constantFrom("Get", "Put", "Watch", "constructor", "__proto__", "then", "toString", "class");

const method: fc.Arbitrary<BuiltMethod> = fc.record({
  name: methodName,
  kind: fc.constantFrom(
    "unary" as const,
    "server_streaming" as const,
    "client_streaming" as const,
    "bidi_streaming" as const,
  ),
  idempotency: fc.constantFrom(
    MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
    MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    MethodOptions_IdempotencyLevel.IDEMPOTENT,
  ),
  config: fc.oneof(fc.constant(new Uint8Array()), optionBytes(messageOf(methodConfigOption), "in range")),
});

/** Services of any annotation whose contract has no error. Most of what is drawn has one and is thrown away. */
export const soundServices: fc.Arbitrary<DescService> = fc
  .tuple(
    optionBytes(messageOf(clientConfigOption), "in range"),
    fc.uniqueArray(method, { selector: ({ name }) => name, maxLength: 3 }),
  )
  .map(([config, methods]) => buildService(config, methods))
  .filter((service) => inspectService(service).diagnostics.every(({ severity }) => severity !== "error"));
