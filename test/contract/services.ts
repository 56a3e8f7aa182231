// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import type { MethodKind } from "@talaria/contract";
import { compileProtos } from "../support/compile.ts";

/** A service in a few lines: what its annotation says, and its rpcs. */
export interface ServiceText {
  /** The text between the braces of `(service_client.client_config)`. Absent: no annotation. */
  readonly config?: string;
  /** Lines of the service body. Default: one unary rpc `Get`. */
  readonly body?: string;
}

/**
 * Compiles many small services at once, because each run of the compiler costs more than all that follows. The first
 * line of the annotation's text is line 2 of the service, and line 1 is `service … {`.
 */
export function compileServices<K extends string>(services: Readonly<Record<K, ServiceText>>): Record<K, DescService> {
  const names = Object.keys(services) as K[];
  const files = names.map((name, index) => [`case_${index}.proto`, textOf(index, services[name])] as const);
  const registry = compileProtos(Object.fromEntries(files));
  const compiled = names.map((name, index) => [name, registry.getService(`test.p${index}.Service`)] as const);
  return Object.fromEntries(compiled) as Record<K, DescService>;
}

function textOf(index: number, { config, body = rpc("Get") }: ServiceText): string {
  const option = config === undefined ? "" : `option (service_client.client_config) = {${config}};`;
  return (
    `syntax = "proto3"; package test.p${index}; import "service_client_config.proto"; message M {}\n` +
    `service Service {\n${option}\n${body}\n}\n`
  );
}

/** The text of an rpc. `config` is what stands between the braces of its `(service_client.method_config)`. */
export function rpc(
  name: string,
  config = "",
  { kind = "unary", options = "" }: { readonly kind?: MethodKind; readonly options?: string } = {},
): string {
  const request = kind === "client_streaming" || kind === "bidi_streaming" ? "stream M" : "M";
  const response = kind === "server_streaming" || kind === "bidi_streaming" ? "stream M" : "M";
  const annotation = config === "" ? "" : `option (service_client.method_config) = {${config}};`;
  return `rpc ${name}(${request}) returns (${response}) { ${options} ${annotation} }`;
}

/** The text of `idempotency_level = IDEMPOTENT`. */
export const idempotent: { readonly options: string } = { options: "option idempotency_level = IDEMPOTENT;" };
