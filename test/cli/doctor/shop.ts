// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileRegistry, type DescService, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Surroundings } from "@talaria/cli";
import { compileDescriptors } from "../../support/compile.ts";
import type { CommandResult } from "../../support/run-command.ts";
import { talariaIn } from "../run-cli.ts";

/** The name of the service that the doctor is asked about. */
export const shopName = "shop.v1.Orders";

/** The `.proto` of a shop, with service options as a test wants them. */
export function shopText(options = "transport_security { mode: PLAINTEXT }"): string {
  return `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message Order { string id = 1; int32 amount = 2; }
service Orders {
  option (service_client.client_config) = { response_timeout_millis: 800 ${options} };
  rpc Get(Order) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Watch(Order) returns (stream Order);
}
`;
}

/** A shop, compiled. */
export interface Shop {
  readonly descriptors: FileDescriptorSet;
  readonly service: DescService;
}

/** Compiles the text of a shop. */
export function compileShop(text: string = shopText()): Shop {
  const descriptors = compileDescriptors({ "shop.proto": text });
  const service = createFileRegistry(descriptors).getService(shopName);
  if (service === undefined) {
    throw new Error(`there is no ${shopName} in the text`);
  }
  return { descriptors, service };
}

/** A folder to run the doctor in. */
export interface Clinic extends Disposable {
  readonly folder: string;
  /** Writes the image of a shop, and answers with the options that name it. */
  readonly image: (shop: Shop) => readonly string[];
  /** Writes a file, and answers with its name. */
  readonly write: (name: string, text: string) => string;
  readonly doctor: (args: readonly string[], overrides?: Partial<Surroundings>) => Promise<CommandResult>;
}

/** Makes a folder to run the doctor in. It is removed when its scope ends. */
export function openClinic(): Clinic {
  const folder = mkdtempSync(join(tmpdir(), "talaria-doctor-"));
  return {
    folder,
    image: ({ descriptors }) => {
      writeFileSync(join(folder, "image.binpb"), toBinary(FileDescriptorSetSchema, descriptors));
      return ["--image", "image.binpb", "--service", shopName];
    },
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return name;
    },
    doctor: (args, overrides = {}) => talariaIn(folder, ["doctor", ...args], overrides),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The line of a step: its sign and what is said, without the time that it took. */
export function lineOf({ stdout }: CommandResult, step: string, address = ""): string {
  const part = address === "" ? stdout : (stdout.split(`\n${address}\n`)[1]?.split("\n\n")[0] ?? "");
  const found = part.split("\n").find((line) => new RegExp(`^[✓!✗-] ${step} `).test(line));
  return found?.replace(new RegExp(`^(.) ${step} +(?:[0-9.]+ ms)? +`), "$1 ") ?? `no line ${step} in:\n${stdout}`;
}
