// SPDX-License-Identifier: Apache-2.0
import { create } from "@bufbuild/protobuf";
import { type HealthCheckResponse, HealthCheckResponseSchema } from "./gen/grpc/health/v1/health_pb.ts";
import { type HealthState, toWireStatus } from "./health.ts";

/** What a watcher is told at the end. */
export const goingAway = "the server is going away";

/** What a caller of Check is told about a service that is not there. */
export function unknownService(service: string): string {
  return `this server has no service ${JSON.stringify(service)}`;
}

/** The answer to List. */
export function listOf(health: HealthState): Record<string, HealthCheckResponse> {
  return Object.fromEntries(
    [...health.list()].map(([name, status]) => [
      name,
      create(HealthCheckResponseSchema, { status: toWireStatus(status) }),
    ]),
  );
}
