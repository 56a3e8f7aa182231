// SPDX-License-Identifier: Apache-2.0
import { create, type DescMessage, type DescService, type Message } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { connect, contractOf, createServiceClient } from "@talaria/runtime";
import { compileService } from "../support/compile.ts";
import { startGrpcServer, type TestServer } from "../support/grpc-server.ts";

export type Text = Message & { text: string };

/** A service with all four kinds of methods, and policies as the test writes them. */
export interface EchoOptions {
  /** Service options, e.g. `response_timeout_millis: 300`. */
  readonly service?: string;
  /** Options of each method, e.g. `option idempotency_level = IDEMPOTENT;`. */
  readonly method?: string;
  /** Whether the client is connected before it is handed out, so that its first call need not wait. */
  readonly connected?: boolean;
}

/** Compiles the echo service with these options. */
export function echoService({ service = "", method = "" }: EchoOptions): DescService {
  const text = `
    syntax = "proto3";
    package echo.v1;
    import "service_client_config.proto";
    message Text { string text = 1; }
    service Echo {
      option (service_client.client_config) = { transport_security { mode: PLAINTEXT } ${service} };
      rpc Unary(Text) returns (Text) { ${method} }
      rpc Server(Text) returns (stream Text) { ${method} }
      rpc Client(stream Text) returns (Text) { ${method} }
      rpc Bidi(stream Text) returns (stream Text) { ${method} }
    }`;
  return compileService(text, "echo.v1.Echo");
}

/** What a dynamic client of the echo service looks like. */
export interface EchoClient extends AsyncDisposable {
  unary(input: { text: string }, options?: CallOptions): Promise<Text>;
  server(input: { text: string }, options?: CallOptions): AsyncIterable<Text>;
  client(input: AsyncIterable<{ text: string }>, options?: CallOptions): Promise<Text>;
  bidi(input: AsyncIterable<{ text: string }>, options?: CallOptions): AsyncIterable<Text>;
}

export interface EchoHandlers {
  unary?(call: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>): void;
  server?(call: ServerWritableStream<Text, Text>): void;
  client?(call: ServerReadableStream<Text, Text>, reply: sendUnaryData<Text>): void;
  bidi?(call: ServerDuplexStream<Text, Text>): void;
}

/** An echo server and a guarded client of it; both end with the scope. */
export interface Echo extends AsyncDisposable {
  readonly client: EchoClient;
  readonly server: TestServer;
  readonly service: DescService;
  /** Another client of the same server. */
  open(): EchoClient;
}

export async function openEcho(options: EchoOptions, handlers: EchoHandlers): Promise<Echo> {
  const service = echoService(options);
  const server = await startGrpcServer(service, handlers as Record<string, never>);
  const open = (target = server.target): EchoClient =>
    createServiceClient(contractOf(service), { target }) as unknown as EchoClient;
  const client = open();
  if (options.connected) {
    await connect(client);
  }
  return {
    client,
    server,
    service,
    open,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** A response message. */
export function text(service: DescService, value: string): Text {
  return create(service.methods[0]?.output as DescMessage, { text: value } as never) as Text;
}

/** A failure as a handler reports it. */
export function failure(code: number, details = "", metadata: Record<string, string> = {}): StatusObject {
  const trailer = new Metadata();
  for (const [key, value] of Object.entries(metadata)) {
    trailer.set(key, value);
  }
  return { code, details, metadata: trailer };
}

/** The messages of a stream, for a call. */
export async function* messages(...texts: string[]): AsyncGenerator<{ text: string }> {
  for (const value of texts) {
    yield { text: value };
  }
}

/** The texts that a response stream delivers. */
export async function collect(stream: AsyncIterable<Text>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of stream) {
    texts.push(message.text);
  }
  return texts;
}

/** How a call failed. */
export async function failureOf(call: Promise<unknown> | AsyncIterable<unknown>): Promise<unknown> {
  try {
    if (call instanceof Promise) {
      await call;
    } else {
      for await (const _ of call) {
        // Only the end matters.
      }
    }
  } catch (error) {
    return error;
  }
  throw new Error("the call was expected to fail");
}
