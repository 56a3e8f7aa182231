// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type handleUnaryCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { type HelloRequest, type HelloResponse, HelloResponseSchema } from "../../generated/greeting_pb.ts";
import {
  type AssignCourierRequest,
  type AssignCourierResponse,
  AssignCourierResponseSchema,
  type EstimateArrivalRequest,
  type EstimateArrivalResponse,
  EstimateArrivalResponseSchema,
} from "../../generated/shop/dispatch/v1/dispatch_pb.ts";
import {
  type CancelOrderRequest,
  type CancelOrderResponse,
  CancelOrderResponseSchema,
  type GetOrderRequest,
  type GetOrderResponse,
  GetOrderResponseSchema,
  OrderState,
  type PlaceOrderRequest,
  type PlaceOrderResponse,
  PlaceOrderResponseSchema,
} from "../../generated/shop/orders/v1/orders_pb.ts";
import { enter, type Ledger } from "./ledger.ts";
import { chat, reportPositions, trackCourier, watchOrder } from "./shop-streams.ts";

/**
 * How a server is today:
 *
 * - `healthy`: it answers in a few milliseconds.
 * - `slow`: it answers after five seconds.
 * - `flaky`: it answers every third request with UNAVAILABLE.
 */
export type Behaviour = "healthy" | "slow" | "flaky";

const usualMs = 25;
const slowMs = 5000;
/** How long the bank thinks about a payment. */
const bankMs = 1500;

/** The handlers of one server, by service. They enter every request into the ledger before they do anything else. */
export function createShop(
  behaviour: Behaviour,
  ledger: Ledger,
): Record<"greeting" | "orders" | "dispatch", UntypedServiceImplementation> {
  const workMs = behaviour === "slow" ? slowMs : usualMs;

  function unary<I, O>(method: string, answer: (request: I) => O, takesMs = workMs): handleUnaryCall<I, O> {
    return async (call, reply) => {
      const { attempts } = enter(ledger, method, call);
      if (behaviour === "flaky" && attempts % 3 === 0) {
        reply({ code: status.UNAVAILABLE, details: "the kitchen needs a minute" });
        return;
      }
      await sleep(takesMs);
      reply(null, answer(call.request));
    };
  }

  return {
    greeting: {
      hello: unary("hello", hello),
    },
    orders: {
      getOrder: unary("GetOrder", getOrder),
      placeOrder: unary("PlaceOrder", placeOrder, bankMs),
      cancelOrder: unary("CancelOrder", cancelOrder),
      watchOrder: watchOrder(ledger, workMs),
    },
    dispatch: {
      assignCourier: unary("AssignCourier", assignCourier),
      estimateArrival: unary("EstimateArrival", estimateArrival),
      trackCourier: trackCourier(ledger),
      reportPositions: reportPositions(ledger),
      chat: chat(ledger),
    },
  };
}

function hello({ name }: HelloRequest): HelloResponse {
  return create(HelloResponseSchema, { greeting: `Hello ${name}` });
}

function getOrder({ orderId }: GetOrderRequest): GetOrderResponse {
  return create(GetOrderResponseSchema, { order: { orderId, dishes: ["Ramen"], state: OrderState.COOKING } });
}

function placeOrder({ dishes }: PlaceOrderRequest): PlaceOrderResponse {
  return create(PlaceOrderResponseSchema, { order: { orderId: "4711", dishes, state: OrderState.ACCEPTED } });
}

function cancelOrder({ orderId }: CancelOrderRequest): CancelOrderResponse {
  return create(CancelOrderResponseSchema, { order: { orderId, state: OrderState.CANCELLED } });
}

function assignCourier(_: AssignCourierRequest): AssignCourierResponse {
  return create(AssignCourierResponseSchema, { courier: "Iris" });
}

function estimateArrival(_: EstimateArrivalRequest): EstimateArrivalResponse {
  return create(EstimateArrivalResponseSchema, { minutes: 12 });
}
