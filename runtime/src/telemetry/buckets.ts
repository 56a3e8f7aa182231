// SPDX-License-Identifier: Apache-2.0

/** Bounds for `rpc.*.call.duration`, in seconds, as OpenTelemetry's conventions for RPC advise them. */
export const callSeconds: number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Bounds for `grpc.*` durations, in seconds (gRFC A66). */
export const attemptSeconds: number[] = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013,
  0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10,
  20, 50, 100,
];

/** Bounds for how often a call was tried again (gRFC A96). */
export const retryCounts: number[] = [1, 2, 3, 4, 5];
