// SPDX-License-Identifier: Apache-2.0
import { create } from "@bufbuild/protobuf";
import { type handleServerStreamingCall, type handleUnaryCall, type Server, status as Status } from "@grpc/grpc-js";
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  type HealthListRequest,
  type HealthListResponse,
  HealthListResponseSchema,
} from "./gen/grpc/health/v1/health_pb.ts";
import { type HealthState, toWireStatus } from "./health.ts";
import { goingAway, listOf, unknownService } from "./health-answers.ts";
import { serviceDefinition } from "./service-definition.ts";

/** Adds `grpc.health.v1.Health` to a grpc-js server. */
export function addHealthService(server: Server, health: HealthState): void {
  const check: handleUnaryCall<HealthCheckRequest, HealthCheckResponse> = ({ request }, reply) => {
    const status = health.get(request.service);
    if (status === undefined) {
      reply({ code: Status.NOT_FOUND, details: unknownService(request.service) });
    } else {
      reply(null, create(HealthCheckResponseSchema, { status: toWireStatus(status) }));
    }
  };
  const watch: handleServerStreamingCall<HealthCheckRequest, HealthCheckResponse> = (call) => {
    const stop = health.watch(call.request.service, {
      onStatus: (status) => void call.write(create(HealthCheckResponseSchema, { status })),
      onEnd: () => call.emit("error", { code: Status.UNAVAILABLE, details: goingAway }),
    });
    call.once("cancelled", stop);
  };
  const list: handleUnaryCall<HealthListRequest, HealthListResponse> = (_, reply) =>
    reply(null, create(HealthListResponseSchema, { statuses: listOf(health) }));
  server.addService(serviceDefinition(Health), { check, watch, list });
}
