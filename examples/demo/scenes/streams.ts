// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { isCallError } from "@talaria/runtime";
import {
  createDispatchServiceClient,
  type DispatchServiceClient,
} from "../../../generated/shop/dispatch/v1/dispatch_client.ts";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { OrderState, OrderStateSchema } from "../../../generated/shop/orders/v1/orders_pb.ts";
import { type Check, expectEqual, expectWithin } from "../check.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import type { Screen } from "../screen.ts";
import { startServer } from "../server-process.ts";

/** Streams are iterated, left with `break`, and cut when their first message does not come. */
export const streams: Scene = {
  name: "streams",
  title: "Streams of every kind: read to the end, left early, cut in time",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "rpc WatchOrder(" },
  async play(screen) {
    await using orders = await startServer("orders");
    await using slow = await startServer("orders", { behaviour: "slow" });
    await using couriers = await startServer("dispatch");
    await using dispatch = createDispatchServiceClient({ target: couriers.target });

    const watched = await watchOrder("WatchOrder", orders.target, screen);
    const stuck = await watchOrder("WatchOrder, slow", slow.target, screen);
    const positions = await followCourier(dispatch, screen);
    const { cut } = await poll(
      "the server to notice that nobody listens",
      () => couriers.tally("TrackCourier"),
      (tally) => tally.cut > 0,
    );
    screen.print(screen.tint("quiet", "  the server noticed, and stopped sending"));
    return [
      expectEqual("WatchOrder: states", `${watched.states.length}, then ${watched.end}`, "4, then end"),
      expectEqual("WatchOrder: the last", watched.states.at(-1) ?? "none", "DELIVERED"),
      expectEqual("WatchOrder, slow server: ends with", stuck.end, "deadline_exceeded"),
      expectWithin("WatchOrder, slow server: ends after", stuck.tookMs, { min: 990, max: 1500, unit: "ms" }),
      expectEqual("TrackCourier: positions until left", positions, 5),
      expectEqual("TrackCourier: streams ended by server", cut, 1),
      ...(await talk(dispatch, screen)),
    ];
  },
};

async function watchOrder(
  label: string,
  target: string,
  screen: Screen,
): Promise<{ readonly states: readonly string[]; readonly end: string; readonly tookMs: number }> {
  await using orders = createOrderServiceClient({ target });
  const startedAtMs = performance.now();
  const states: string[] = [];
  let end = "";
  const readAll = async (): Promise<void> => {
    try {
      for await (const { order } of orders.watchOrder({ orderId: "4711" })) {
        states.push(OrderStateSchema.value[order?.state ?? OrderState.UNSPECIFIED]?.localName ?? "");
      }
      end = "end";
    } catch (error) {
      end = isCallError(error) ? error.reason : String(error);
    }
  };
  await screen.watch(readAll(), () => [`  ${label.padEnd(17)}${[...states, end].join(" ")}`]);
  return { states, end, tookMs: Math.round(performance.now() - startedAtMs) };
}

/** Leaves the stream after five positions. */
async function followCourier(dispatch: DispatchServiceClient, screen: Screen): Promise<number> {
  const seen: string[] = [];
  const follow = async (): Promise<void> => {
    for await (const { position } of dispatch.trackCourier({ courier: "Iris" })) {
      seen.push(`${position?.eastMetres}|${position?.northMetres}`);
      if (seen.length === 5) {
        break;
      }
    }
  };
  await screen.watch(follow(), () => [`  TrackCourier     ${seen.join(" ")}${seen.length === 5 ? " break" : ""}`]);
  return seen.length;
}

/** A stream of requests, and one in both directions. */
async function talk(dispatch: DispatchServiceClient, screen: Screen): Promise<Check[]> {
  const { positions, distanceMetres } = await dispatch.reportPositions(trip());
  screen.print(`  ReportPositions  ${positions} positions, ${distanceMetres} m`);
  const answers: string[] = [];
  for await (const { text } of dispatch.chat(questions())) {
    answers.push(text);
  }
  screen.print(`  Chat             ${answers.join(" ")}`);
  return [
    expectEqual("ReportPositions: answer", `${positions} positions, ${distanceMetres} m`, "5 positions, 200 m"),
    expectEqual("Chat: answers", answers.length, 2),
  ];
}

async function* trip() {
  for (let step = 0; step < 5; step++) {
    yield { courier: "Iris", position: { eastMetres: 30 * step, northMetres: 40 * step } };
  }
}

async function* questions() {
  yield { text: "Where are you?" };
  await sleep(50);
  yield { text: "Thank you!" };
}
