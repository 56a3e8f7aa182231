// SPDX-License-Identifier: Apache-2.0
export { createOpenTelemetry, type OpenTelemetryOptions } from "./open-telemetry.ts";
export type { OpenTelemetryProviders } from "./providers.ts";
export { callTelemetry } from "./server-connect.ts";
export { withCallTelemetry } from "./server-grpc.ts";
