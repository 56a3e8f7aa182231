// SPDX-License-Identifier: Apache-2.0
import type { Code } from "../gen/pluginrpc/v1/pluginrpc_pb.ts";

/** The codes of {@link RpcError}, named as in gRPC. */
export type RpcErrorCode = Exclude<keyof typeof Code, "UNSPECIFIED">;

/**
 * Raised while a procedure runs. It travels to the caller inside the response; buf prints it as
 * `Failure: plugin "…" failed: Failed with code invalid_argument: <message>` and fails.
 */
export class RpcError extends Error {
  override readonly name = "RpcError";
  /** Whose fault it is: `INVALID_ARGUMENT` the caller's, `INTERNAL` the plugin's. */
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
