// SPDX-License-Identifier: Apache-2.0

// All that generated code imports. The suffix is a promise: code generated today works with every later runtime, so this
// door only ever grows.
export { type BoundContract, bindContract } from "@talaria/contract";
export { type AuthenticatedClientOptions, type ClientOptions, createServiceClient } from "../client.ts";
export type { ServiceClient } from "../guarded-client.ts";
