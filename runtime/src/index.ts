// SPDX-License-Identifier: Apache-2.0
export {
  type BoundContract,
  bindContract,
  contractOf,
  type MethodPolicy,
  type ServiceContract,
} from "@talaria/contract";
export type {
  CallHooks,
  CallRefusal,
  CallRetry,
  EndedAttempt,
  EndedCall,
  HookedCall,
  StartingAttempt,
} from "./call-hooks.ts";
export { withoutRetry } from "./call-options.ts";
export { type AuthenticatedClientOptions, type ClientOptions, createServiceClient } from "./client.ts";
export type { ClientExtensions } from "./client-extensions.ts";
export { configureTalaria, processCredentials, type TalariaConfiguration } from "./configure.ts";
export {
  type CallerIdentity,
  type CallScope,
  type CallScopeOptions,
  currentCallScope,
  enterCallScope,
  runInCallScope,
} from "./context/call-scope.ts";
export { withoutScope } from "./context/propagate.ts";
export type { HeaderRecord, HeaderSource } from "./context/read-headers.ts";
export { type CachedTokenOptions, cachedToken } from "./credentials/cached.ts";
export { tokenFromFile } from "./credentials/file.ts";
export {
  type CredentialsProvider,
  type ExpiringToken,
  staticToken,
  type TokenRequest,
} from "./credentials/provider.ts";
export {
  type AttemptRecord,
  type BreakerRefusal,
  type BreakerTripNumbers,
  CallError,
  type CallErrorOf,
  type CallFailure,
  type ExpiredTimeout,
  type FailureReason,
  isCallError,
  type TimeoutOrigin,
} from "./error.ts";
export type { EndpointState } from "./grpc-js/balancing/endpoints.ts";
export type { ChannelState } from "./grpc-js/channel-state.ts";
export type { Pem, TlsOptions } from "./grpc-js/tls-material.ts";
export { type GuardOptions, guard } from "./guard.ts";
export type { ServiceClient } from "./guarded-client.ts";
export {
  type ConnectOptions,
  channelState,
  connect,
  type DeadPeerDetection,
  deadPeerDetection,
  endpoints,
  watchEndpoints,
} from "./introspect.ts";
export type {
  AttemptObserver,
  AttemptResult,
  AttemptStart,
  CallEnd,
  CallObserver,
  HeaderPair,
  MethodObserver,
  ObservedMethod,
  RefusedBy,
  Telemetry,
} from "./observer.ts";
export type { ContractOverride, MethodOverride } from "./override.ts";
export type { OverrideProblem, OverrideRule, Overrides } from "./overrides/overrides.ts";
export {
  type AppliedOverrides,
  currentOverrides,
  type OverridesEvent,
  setOverrides,
} from "./overrides/process-overrides.ts";
export type { UnmatchedRule } from "./overrides/unmatched.ts";
export type { BreakerEvent, ThrottleEvent } from "./state-events.ts";
