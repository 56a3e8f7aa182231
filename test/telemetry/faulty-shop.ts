// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from "node:events";
import { create, type DescMessage, type DescService, type Message } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { type ServerUnaryCall, status as Status, type sendUnaryData } from "@grpc/grpc-js";
import { type ClientExtensions, contractOf, createServiceClient, isCallError } from "@talaria/runtime";
import { type OpenTelemetryProviders, withCallTelemetry } from "@talaria/runtime/opentelemetry";
import { compileProtos } from "../support/compile.ts";
import { startGrpcServer } from "../support/grpc-server.ts";

/** What a server saw of an attempt. */
export interface SeenAttempt {
  readonly method: string;
  /** The text of the request: which call it belongs to. */
  readonly call: string;
  readonly previousAttempts: number;
  readonly traceparent: string | undefined;
  /** What it was answered with; absent: it was never answered. */
  code: number | undefined;
}

/** A call as its caller saw it end: `OK`, or why it failed. */
export interface SeenCall {
  readonly method: string;
  readonly end: string;
}

export interface FaultyShop extends AsyncDisposable {
  readonly target: string;
  readonly contracts: readonly ReturnType<typeof contractOf>[];
  readonly attempts: readonly SeenAttempt[];
  readonly calls: readonly SeenCall[];
  /** Emits `attempt` when the server sees one. */
  readonly events: EventEmitter;
  /** Makes a call and takes note of its end. `faults`: how each of its attempts is answered, OK once they are used up. */
  call(method: string, faults?: readonly Fault[], options?: CallOptions): Promise<void>;
}

/** A status, or no answer at all. */
export type Fault = number | "silence";

/** What the server says of its failures, beside what it was sent. */
export const serverMessage = "the shop is on fire";

const proto = `
  syntax = "proto3";
  package faulty.v1;
  import "service_client_config.proto";
  message Text { string text = 1; }
  service Shop {
    option (service_client.client_config) = { transport_security { mode: PLAINTEXT } response_timeout_millis: 5000 };
    rpc Retried(Text) returns (Text) {
      option idempotency_level = IDEMPOTENT;
      option (service_client.method_config).retry = { max_attempts: 4 initial_backoff_millis: 5 backoff_jitter: 0 };
    }
    rpc Hedged(Text) returns (Text) {
      option idempotency_level = IDEMPOTENT;
      option (service_client.method_config).hedging = { max_attempts: 3 hedging_delay_millis: 400 };
    }
    rpc Guarded(Text) returns (Text) {
      option (service_client.method_config) = {
        circuit_breaker { minimum_request_threshold: 4 circuit_open_window_millis: 1000 open_window_jitter: 0 }
      };
    }
    rpc Limited(Text) returns (Text) { option (service_client.method_config).max_concurrent_requests = 2; }
    rpc Late(Text) returns (Text) { option (service_client.method_config).response_timeout_millis = 400; }
  }
  service Throttled {
    option (service_client.client_config) = {
      transport_security { mode: PLAINTEXT }
      response_timeout_millis: 5000
      retry { max_attempts: 3 initial_backoff_millis: 1 }
      retry_throttling { max_tokens: 6 token_ratio: 0.5 }
    };
    rpc Get(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
  }`;

type Say = (input: { text: string }, options?: CallOptions) => Promise<unknown>;

/** A real server that fails as it is told, counts what it sees, and is observed; and observed clients of it. */
export async function openFaultyShop(server: OpenTelemetryProviders, client: ClientExtensions): Promise<FaultyShop> {
  const registry = compileProtos({ "test.proto": proto });
  const services = ["faulty.v1.Shop", "faulty.v1.Throttled"].map((name) => registry.getService(name) as DescService);
  const attempts: SeenAttempt[] = [];
  const faultsOf = new Map<string, readonly Fault[]>();
  const events = new EventEmitter();
  const [shop, throttled] = services as [DescService, DescService];
  const answer = (service: DescService) => answering(service, attempts, faultsOf, events);
  const started = await startGrpcServer(shop, withCallTelemetry(answer(shop), server));
  const other = await startGrpcServer(throttled, withCallTelemetry(answer(throttled), server));
  const contracts = services.map((service) => contractOf(service));
  const clients = contracts.map((contract, index) =>
    createServiceClient(contract, { ...client, target: [started, other][index]?.target ?? "" }),
  );
  const sayers = Object.assign({}, ...clients) as Record<string, Say>;
  const calls: SeenCall[] = [];
  return {
    target: started.target,
    contracts,
    attempts,
    calls,
    events,
    async call(method, faults = [], options) {
      const text = `call ${faultsOf.size}`;
      faultsOf.set(text, faults);
      const say = sayers[method.charAt(0).toLowerCase() + method.slice(1)];
      const end = await say?.({ text }, options).then(
        () => "OK",
        (error) => (isCallError(error) ? error.reason : String(error)),
      );
      calls.push({ method, end: end ?? "there is no such method" });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each[Symbol.asyncDispose]()));
      await Promise.all([started.close(), other.close()]);
    },
  };
}

function answering(
  service: DescService,
  attempts: SeenAttempt[],
  faultsOf: ReadonlyMap<string, readonly Fault[]>,
  events: EventEmitter,
): Record<string, (call: ServerUnaryCall<Message, Message>, reply: sendUnaryData<Message>) => void> {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      (call, reply) => {
        const { text } = call.request as Message & { text: string };
        const index = attempts.filter((attempt) => attempt.call === text).length;
        const fault = faultsOf.get(text)?.[index] ?? Status.OK;
        attempts.push({
          method: method.name,
          call: text,
          previousAttempts: Number(call.metadata.get("grpc-previous-rpc-attempts")[0] ?? 0),
          traceparent: call.metadata.get("traceparent")[0]?.toString(),
          code: fault === "silence" ? undefined : fault,
        });
        events.emit("attempt");
        if (fault === Status.OK) {
          reply(null, create(method.output as DescMessage));
        } else if (fault !== "silence") {
          // A server may say anything in its message: even what it was sent.
          reply({ code: fault, details: `${serverMessage} ${call.metadata.get("authorization")[0] ?? ""}` });
        }
      },
    ]),
  );
}
