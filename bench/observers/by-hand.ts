// SPDX-License-Identifier: Apache-2.0
import { context, SpanKind, trace } from "@opentelemetry/api";
import type { AttemptObserver, CallObserver, HeaderPair, Telemetry } from "@talaria/runtime";
import type { OpenTelemetryProviders } from "@talaria/runtime/opentelemetry";

/**
 * Reports a call that succeeds at once, by the same calls of the SDK as `createOpenTelemetry()`: as many spans, as many records,
 * the same attributes, made beforehand, and nothing else. What this costs nobody saves who reports as much.
 */
export function createByHand(
  port: string,
  { meterProvider, tracerProvider, propagator }: OpenTelemetryProviders,
): Telemetry {
  const meter = meterProvider?.getMeter("by hand");
  const tracer = (tracerProvider ?? trace).getTracer("by hand");
  const calls = meter?.createHistogram("rpc.client.call.duration");
  const attempts = meter?.createHistogram("grpc.client.attempt.duration");
  const name = "bench.v1.Echo/Say";
  const server = { "server.address": "127.0.0.1", "server.port": Number(port) };
  const attributes = { "rpc.system.name": "grpc", "rpc.method": name, ...server };
  const ofCall = { attributes };
  const ofAttempt = {
    kind: SpanKind.CLIENT,
    attributes: { ...attributes, "previous-rpc-attempts": 0, "transparent-retry": false },
  };
  const callEnded = { ...attributes, "rpc.status_code": "OK" };
  const attemptEnded = { "grpc.method": name, "grpc.target": `dns:///127.0.0.1:${port}`, "grpc.status": "OK" };
  const setter = { set: (headers: HeaderPair[], key: string, value: string) => headers.push([key, value]) };
  const startCall = (): CallObserver => {
    const parent = context.active();
    const call = tracer.startSpan(`Sent.${name}`, ofCall, parent);
    const below = trace.setSpan(parent, call);
    return {
      startAttempt(): AttemptObserver {
        const span = call.isRecording() ? tracer.startSpan(`Attempt.${name}`, ofAttempt, below) : undefined;
        const headers: HeaderPair[] = [];
        propagator?.inject(span === undefined ? below : trace.setSpan(below, span), headers, setter);
        return {
          headers,
          onEnd({ peer, durationMs }) {
            attempts?.record(durationMs / 1000, attemptEnded);
            span
              ?.setAttribute("network.peer.address", peer ?? "")
              .setAttribute("rpc.status_code", "OK")
              .end();
          },
        };
      },
      onRetry: () => undefined,
      onRefused: () => undefined,
      onEnd({ durationMs }) {
        calls?.record(durationMs / 1000, callEnded, below);
        if (call.isRecording()) {
          call.setAttribute("rpc.status_code", "OK").end();
        }
      },
    };
  };
  return { observeMethod: () => ({ startCall, close: () => undefined }) };
}
