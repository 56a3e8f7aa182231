// SPDX-License-Identifier: Apache-2.0
export type { AdminOptions } from "./admin.ts";
export {
  authenticated,
  certificateIdentity,
  certificateValues,
  withAuthentication,
  withCertificateIdentity,
} from "./authenticate.ts";
export { callScopes } from "./connect-scope.ts";
export type { Load } from "./connections.ts";
export type { DrainReport, DrainTrigger, OnServerEvent, ServerEvent } from "./events.ts";
export { withCallScopes } from "./grpc-scope.ts";
export type { Health, ServingStatus } from "./health.ts";
export { type GrpcServeOptions, serve } from "./serve.ts";
export { type Http2ServeOptions, type Http2ServerParts, serveHttp2 } from "./serve-http2.ts";
export type { RunningServer, ServeOptions, ServerState } from "./serve-options.ts";
export { serverOptions } from "./server-options.ts";
export { serviceDefinition } from "./service-definition.ts";
export { callerOfCertificate, type JwtOptions, jwtVerifier, type TokenVerifier } from "./verify.ts";
