// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import type { handleBidiStreamingCall, handleClientStreamingCall, handleServerStreamingCall } from "@grpc/grpc-js";
import {
  type ChatRequest,
  type ChatResponse,
  ChatResponseSchema,
  type ReportPositionsRequest,
  type ReportPositionsResponse,
  ReportPositionsResponseSchema,
  type TrackCourierRequest,
  type TrackCourierResponse,
  TrackCourierResponseSchema,
} from "../../generated/shop/dispatch/v1/dispatch_pb.ts";
import {
  OrderState,
  type WatchOrderRequest,
  type WatchOrderResponse,
  WatchOrderResponseSchema,
} from "../../generated/shop/orders/v1/orders_pb.ts";
import { enter, type Ledger } from "./ledger.ts";

/** Sends each state of an order. The first takes as long as the server is slow. */
export function watchOrder(
  ledger: Ledger,
  workMs: number,
): handleServerStreamingCall<WatchOrderRequest, WatchOrderResponse> {
  return async (call) => {
    enter(ledger, "WatchOrder", call);
    await sleep(workMs);
    for (const state of [OrderState.ACCEPTED, OrderState.COOKING, OrderState.ON_ITS_WAY, OrderState.DELIVERED]) {
      call.write(create(WatchOrderResponseSchema, { order: { orderId: call.request.orderId, state } }));
      await sleep(250);
    }
    call.end();
  };
}

/** Sends positions until the caller leaves. */
export function trackCourier(ledger: Ledger): handleServerStreamingCall<TrackCourierRequest, TrackCourierResponse> {
  return async (call) => {
    enter(ledger, "TrackCourier", call);
    for (let step = 0; !call.cancelled; step++) {
      call.write(create(TrackCourierResponseSchema, { position: { eastMetres: 30 * step, northMetres: 40 * step } }));
      await sleep(100);
    }
  };
}

/** Measures a trip. */
export function reportPositions(
  ledger: Ledger,
): handleClientStreamingCall<ReportPositionsRequest, ReportPositionsResponse> {
  return async (call, reply) => {
    enter(ledger, "ReportPositions", call);
    const trip: ReportPositionsRequest[] = await call.toArray();
    reply(null, create(ReportPositionsResponseSchema, { positions: trip.length, distanceMetres: lengthOf(trip) }));
  };
}

/** Answers questions, and thanks. */
export function chat(ledger: Ledger): handleBidiStreamingCall<ChatRequest, ChatResponse> {
  return async (call) => {
    enter(ledger, "Chat", call);
    for await (const { text } of call as AsyncIterable<ChatRequest>) {
      call.write(create(ChatResponseSchema, { text: text.endsWith("?") ? "In two minutes." : "You are welcome." }));
    }
    call.end();
  };
}

/** The length of the way from position to position, in metres. */
function lengthOf(trip: readonly ReportPositionsRequest[]): number {
  return trip.reduce((sum, { position: to }, index) => {
    const from = trip[index - 1]?.position;
    return from && to ? sum + Math.hypot(to.eastMetres - from.eastMetres, to.northMetres - from.northMetres) : sum;
  }, 0);
}
