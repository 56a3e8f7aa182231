// SPDX-License-Identifier: Apache-2.0
import { contractOf, formatServiceConfig } from "@talaria/contract";
import { compileService } from "../support/compile.ts";

const text = `
  syntax = "proto3";
  package interop.v1;
  import "service_client_config.proto";
  message Bytes {}
  service Interop {
    option (service_client.client_config) = {
      response_timeout_millis: 5000
      load_balancing { policy: ROUND_ROBIN outlier_detection {} }
      transport_security { mode: PLAINTEXT }
    };
    rpc Slow(Bytes) returns (Bytes) { option (service_client.method_config).response_timeout_millis = 300; }
    rpc Flaky(Bytes) returns (Bytes) {
      option idempotency_level = IDEMPOTENT;
      option (service_client.method_config).retry = { max_attempts: 3 initial_backoff_millis: 50 };
    }
    rpc Spread(Bytes) returns (Bytes);
  }`;

/** The service config that every language is given: what the generator writes for this contract. */
export function interopServiceConfig(): string {
  return formatServiceConfig(contractOf(compileService(text, "interop.v1.Interop")));
}
