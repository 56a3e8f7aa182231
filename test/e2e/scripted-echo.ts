// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { contractOf } from "@talaria/contract";
import {
  openScriptedClient,
  type ScriptedClient,
  type ScriptedClientOptions,
  type ServiceScript,
} from "@talaria/runtime/testing";
import { type EchoClient, type EchoOptions, echoService } from "./echo.ts";

/** A guarded client of the echo service whose server is a script, on virtual time. */
export interface ScriptedEcho extends Omit<ScriptedClient<DescService>, "client"> {
  readonly client: EchoClient;
}

export function openScriptedEcho(
  policies: EchoOptions,
  script: ServiceScript<DescService>,
  options?: ScriptedClientOptions,
): ScriptedEcho {
  return openScriptedClient(contractOf(echoService(policies)), script, options) as unknown as ScriptedEcho;
}
