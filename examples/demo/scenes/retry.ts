// SPDX-License-Identifier: Apache-2.0
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual } from "../check.ts";
import type { Scene } from "../scene.ts";
import { startServer } from "../server-process.ts";

const calls = 20;

/** `retry { max_attempts: 4 }`: what a second attempt can repair, callers never see. */
export const retry: Scene = {
  name: "retry",
  title: "A server that fails every third request looks healthy to its callers",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "retry:" },
  async play(screen) {
    await using server = await startServer("orders", { behaviour: "flaky" });
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const telemetry = createOpenTelemetry({ meterProvider: new MeterProvider({ readers: [exporter] }) });
    await using orders = createOrderServiceClient({ target: server.target, telemetry });

    let ok = 0;
    const attempts: number[] = [];
    const callAll = async (): Promise<void> => {
      for (let seen = 0; attempts.length < calls; ) {
        const { order } = await orders.getOrder({ orderId: `${attempts.length}` });
        ok += order === undefined ? 0 : 1;
        const { attempts: total } = await server.tally("GetOrder");
        attempts.push(total - seen);
        seen = total;
      }
    };
    await screen.watch(callAll(), () => [
      `  attempts at the server  ${attempts.map((count) => screen.tint(count > 1 ? "warning" : "good", `${count}`)).join(" ")}`,
      `  answers at the caller   ${screen.tint("good", "✓ ".repeat(ok).trimEnd())}`,
    ]);

    const tally = await server.tally("GetOrder");
    const metered = await sumOf(exporter, "grpc.client.attempt.started");
    screen.print(screen.tint("quiet", `  and for those who run it: grpc.client.attempt.started ${metered}`));
    return [
      expectEqual("calls that succeed", ok, calls),
      // The server fails requests 3, 6, ... 27.
      expectEqual("attempts at the server", tally.attempts, calls + 9),
      expectEqual("of these, marked as retries", tally.retries, 9),
      expectEqual("attempts in the client's metrics", metered, calls + 9),
    ];
  },
};

/** What a counter of OpenTelemetry has counted in all. */
async function sumOf(exporter: PrometheusExporter, counter: string): Promise<number> {
  const { resourceMetrics } = await exporter.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const counted = metrics.filter(({ descriptor }) => descriptor.name === counter);
  return counted.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => Number(value))).reduce((a, b) => a + b, 0);
}
