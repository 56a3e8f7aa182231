// SPDX-License-Identifier: Apache-2.0
import { connect as connectHttp2 } from "node:http2";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import {
  type BoundContract,
  bindContract,
  type ClientExtensions,
  contractOf,
  createServiceClient,
  type ServiceContract,
} from "@talaria/runtime";
import { serviceDefinition } from "@talaria/runtime/server";
import { ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleAll, retry, wrap } from "cockatiel";
import { createChannel, createClientFactory } from "nice-grpc";
import { deadlineMiddleware } from "nice-grpc-client-middleware-deadline";
import { retryMiddleware } from "nice-grpc-client-middleware-retry";
import { encodeMessage } from "../../runtime/src/grpc-js/prepare.ts";
import { leastClient, openLeast } from "./least.ts";
import { leastOnGrpcJs, openLeastOnGrpcJs } from "./least-on-grpc-js.ts";
import { echoService, request, sayMethod } from "./service.ts";

/** A way to make the call, ready to be made many times. */
export type Caller = () => Promise<unknown>;

type Say = { say(message: Message, options?: object): Promise<unknown> };

const path = "/bench.v1.Echo/Say";
const deadlineMs = 5000;

/** The client that runs where the API of OpenTelemetry cannot be imported. */
export const withoutOpenTelemetry = "talaria, OpenTelemetry not installed";

/** The clients that are compared, by name. Each opens its connection to a port of loopback. */
export const clients: Readonly<Record<string, (port: number) => Caller>> = {
  "raw node:http2": rawHttp2,
  [leastClient]: openLeast,
  [leastOnGrpcJs]: openLeastOnGrpcJs,
  "grpc-js stub": grpcStub,
  "nice-grpc, deadline and retry": niceGrpc,
  "connect-node": (port) => connectNode(port),
  "connect-node, breaker and retry library": connectNodeWithLibrary,
  "talaria, all policies on": (port) => talaria(port, contractOf(echoService)),
  "talaria, deadline only": (port) => talaria(port, deadlineOnly()),
  [withoutOpenTelemetry]: (port) => talaria(port, contractOf(echoService)),
};

/** A client with all policies, and with what watches it. */
export function talaria(port: number, contract: BoundContract, extensions: ClientExtensions = {}): Caller {
  const target = `dns:///127.0.0.1:${port}`;
  const client = createServiceClient(contract, { ...extensions, target }) as unknown as Say;
  const message = request();
  return () => client.say(message);
}

function deadlineOnly(): BoundContract {
  const { retryThrottling: _, ...contract }: ServiceContract = contractOf(echoService);
  const methods = contract.methods.map(({ retry: _retry, circuitBreaker: _breaker, ...method }) => method);
  return bindContract(echoService, { ...contract, methods });
}

function rawHttp2(port: number): Caller {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc+proto", te: "trailers" };
  const message = request();
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers);
      let answer: Buffer | undefined;
      stream.on("data", (chunk: Buffer) => {
        answer = chunk;
      });
      stream.on("end", () => resolve(answer && fromBinary(sayMethod.output, answer.subarray(5))));
      stream.on("error", reject);
      stream.end(encodeMessage(sayMethod, message).frame);
    });
}

function grpcStub(port: number): Caller {
  const client = new GrpcClient(`dns:///127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.enable_channelz": 0,
  });
  const metadata = new Metadata();
  const message = request();
  const encode = (value: Message): Buffer => Buffer.from(toBinary(sayMethod.input, value));
  const decode = (bytes: Buffer): Message => fromBinary(sayMethod.output, bytes);
  return () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        encode,
        decode,
        message,
        metadata,
        { deadline: Date.now() + deadlineMs },
        (error, value) => (error === null ? resolve(value) : reject(error)),
      );
    });
}

function niceGrpc(port: number): Caller {
  const channel = createChannel(`127.0.0.1:${port}`);
  const factory = createClientFactory().use(retryMiddleware).use(deadlineMiddleware);
  const client = factory.create(serviceDefinition(echoService) as never, channel) as unknown as Say;
  const message = request();
  return () => client.say(message, { deadline: deadlineMs, retry: true, retryMaxAttempts: 3 });
}

function connectNode(port: number): Caller {
  const client = connectClient(port);
  const message = request();
  return () => client.say(message, { timeoutMs: deadlineMs });
}

function connectNodeWithLibrary(port: number): Caller {
  const client = connectClient(port);
  const message = request();
  const policy = wrap(
    retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(10) }),
  );
  return () => policy.execute(() => client.say(message, { timeoutMs: deadlineMs }));
}

function connectClient(port: number): Say {
  const client: Client<typeof echoService> = createClient(
    echoService,
    createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }),
  );
  return client as unknown as Say;
}
