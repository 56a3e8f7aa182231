// SPDX-License-Identifier: Apache-2.0

import { createGrpcTransport } from "@connectrpc/connect-node";
import { status as Status } from "@grpc/grpc-js";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { type ClientExtensions, contractOf, createServiceClient, guard } from "@talaria/runtime";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { describe, expect, test } from "vitest";
import {
  collect,
  type EchoClient,
  type EchoHandlers,
  echoService,
  failure,
  failureOf,
  messages,
  text,
} from "../e2e/echo.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { observeProcess } from "./observed-process.ts";
import { sumOf } from "./prometheus-text.ts";

const service = echoService({
  service: `response_timeout_millis: 5000 stream_idle_timeout_millis: 300 required_headers: ["x-need"]
    retry { max_attempts: 3 initial_backoff_millis: 1 }`,
  method: "option idempotency_level = IDEMPOTENT;",
});

/** What the server answered the attempts of a method with; `undefined`: nothing, it was left. */
type Answers = Record<"Server" | "Client" | "Bidi", (string | undefined)[]>;

function answering(answers: Answers): EchoHandlers {
  let refusals = 2;
  return {
    server(call) {
      if (call.request.text === "refuse" && refusals > 0) {
        refusals -= 1;
        answers.Server.push("UNAVAILABLE");
        call.emit("error", failure(Status.UNAVAILABLE));
        return;
      }
      call.write(text(service, "first"));
      if (call.request.text === "break") {
        answers.Server.push("INTERNAL");
        call.emit("error", failure(Status.INTERNAL));
      } else if (call.request.text === "hang") {
        answers.Server.push(undefined);
      } else {
        answers.Server.push("OK");
        call.end();
      }
    },
    client(call, reply) {
      answers.Client.push("OK");
      call.on("data", () => undefined);
      call.on("end", () => reply(null, text(service, "")));
    },
    bidi(call) {
      answers.Bidi.push("OK");
      call.on("data", () => call.write(text(service, "")));
      call.on("end", () => call.end());
    },
  };
}

const headers = { "x-need": "1" };

/** Makes calls with streams that end in every way, and returns how: by method, code and `error.type`. */
async function callAll(client: EchoClient): Promise<readonly (readonly [string, string, string | undefined])[]> {
  const stream = (text: string) => client.server({ text }, { headers });
  await collect(stream("end"));
  await collect(stream("refuse"));
  await failureOf(stream("break"));
  for await (const _ of stream("hang")) {
    break;
  }
  await failureOf(stream("hang"));
  await failureOf(client.server({ text: "" }));
  await client.client(messages("a"), { headers });
  await collect(client.bidi(messages("a", "b"), { headers }));
  return [
    ["Server", "OK", undefined],
    ["Server", "OK", undefined],
    ["Server", "INTERNAL", "INTERNAL"],
    ["Server", "CANCELLED", "cancelled"],
    ["Server", "DEADLINE_EXCEEDED", "stream_timeout"],
    ["Server", "INVALID_ARGUMENT", "missing_header"],
    ["Client", "OK", undefined],
    ["Bidi", "OK", undefined],
  ];
}

const kinds: [name: string, open: (port: number, extensions: ClientExtensions) => unknown][] = [
  [
    "createServiceClient()",
    (port, extensions) =>
      createServiceClient(contractOf(service), { ...extensions, target: `dns:///localhost:${port}` }),
  ],
  [
    "guard()",
    (port, extensions) =>
      guard(createGrpcTransport({ baseUrl: `http://localhost:${port}` }), contractOf(service), extensions),
  ],
];

const endOf = ({ name, attributes }: ReadableSpan): readonly unknown[] => [
  name.slice(name.indexOf("/") + 1),
  attributes["rpc.status_code"],
  attributes["error.type"],
];

describe.each(kinds)("streams of a client of %s", (_, open) => {
  test("are counted, and traced, as their callers and their server saw them", async () => {
    await using observed = await observeProcess();
    const answers: Answers = { Server: [], Client: [], Bidi: [] };
    const server = await startGrpcServer(service, answering(answers) as never);
    const client = open(server.port, { telemetry: createOpenTelemetry(observed.providers) }) as EchoClient;
    const ends = await callAll(client);
    await client[Symbol.asyncDispose]();
    await server.close();

    const samples = await observed.samples();
    const spans = (kind: string) => observed.spans().filter(({ name }) => name.startsWith(kind));
    expect(sumOf(samples, "rpc_client_call_duration_count")).toBe(ends.length);
    for (const [method, code, reason] of ends) {
      const alike = ends.filter((end) => end[0] === method && end[1] === code).length;
      const labels = { rpc_method: `echo.v1.Echo/${method}`, rpc_status_code: code };
      const named = reason === undefined ? labels : { ...labels, error_type: reason };
      expect(sumOf(samples, "rpc_client_call_duration_count", named)).toBe(alike);
    }
    expect(spans("Sent.").map(endOf).sort()).toEqual([...ends].sort());

    for (const [method, codes] of Object.entries(answers)) {
      const labels = { grpc_method: `echo.v1.Echo/${method}` };
      expect(sumOf(samples, "grpc_client_attempt_started_total", labels)).toBe(codes.length);
      expect(sumOf(samples, "grpc_client_attempt_duration_count", labels)).toBe(codes.length);
      for (const code of codes) {
        const seen = { ...labels, grpc_status: code ?? "CANCELLED" };
        const alike = codes.filter((other) => other === code).length;
        expect(sumOf(samples, "grpc_client_attempt_duration_count", seen)).toBe(alike);
      }
    }
    expect(spans("Attempt.")).toHaveLength(Object.values(answers).flat().length);
    expect(sumOf(samples, "grpc_client_call_retries_sum")).toBe(2);
  });
});
