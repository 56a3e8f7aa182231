// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { status as Status } from "@grpc/grpc-js";
import { compileService } from "../support/compile.ts";
import { startGrpcServer, type TestServer } from "../support/grpc-server.ts";
import { failure } from "./echo.ts";

/** A server that wants tokens and fails all the same, so that there is something to log. It notes what it was told. */
export async function failingServer(): Promise<{
  readonly service: DescService;
  readonly server: TestServer & { readonly told: readonly string[] };
}> {
  const service = compileService(
    `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
    message Text { string text = 1; }
    service Echo {
      option (service_client.client_config) = {
        response_timeout_millis: 1500 retry { max_attempts: 2 initial_backoff_millis: 1 }
        retry_throttling { max_tokens: 2 } circuit_breaker { minimum_request_threshold: 4 }
        transport_security { mode: PLAINTEXT } authentication { scheme: BEARER }
      };
      rpc Unary(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
    }`,
    "echo.v1.Echo",
  );
  const told: string[] = [];
  const server = await startGrpcServer(service, {
    unary(call: { metadata: { get(key: string): unknown[] } }, reply: (error: unknown) => void) {
      told.push(String(call.metadata.get("authorization")));
      reply(failure(Status.UNAVAILABLE, "not today"));
    },
  } as never);
  return { service, server: Object.assign(server, { told }) };
}
