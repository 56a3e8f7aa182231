// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Health, type HealthCheckResponse_ServingStatus } from "./gen/grpc/health/v1/health_pb.ts";
import { type HealthState, toWireStatus } from "./health.ts";
import { goingAway, listOf, unknownService } from "./health-answers.ts";

/** Adds `grpc.health.v1.Health` to a Connect router. */
export function routeHealth(router: ConnectRouter, health: HealthState): void {
  router.service(Health, {
    check({ service }) {
      const status = health.get(service);
      if (status === undefined) {
        throw new ConnectError(unknownService(service), Code.NotFound);
      }
      return { status: toWireStatus(status) };
    },
    async *watch({ service }, { signal }) {
      for await (const status of statusesOf(health, service, signal)) {
        yield { status };
      }
    },
    list: () => ({ statuses: listOf(health) }),
  });
}

/** The status and its changes, until the signal; fails when the server goes away. */
async function* statusesOf(
  health: HealthState,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<HealthCheckResponse_ServingStatus> {
  const news: HealthCheckResponse_ServingStatus[] = [];
  let ended = false;
  let wake = (): void => {};
  const stop = health.watch(service, {
    onStatus: (status) => {
      news.push(status);
      wake();
    },
    onEnd: () => {
      ended = true;
      wake();
    },
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      const status = news.shift();
      if (status !== undefined) {
        yield status;
      } else if (ended) {
        throw new ConnectError(goingAway, Code.Unavailable);
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
  }
}
