// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import type { DescService, Message } from "@bufbuild/protobuf";
import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Metadata, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from "@grpc/grpc-js";
import { contractOf } from "@talaria/runtime";
import { type RunningServer, type ServeOptions, serve, serveHttp2, serviceDefinition } from "@talaria/runtime/server";
import { compileService } from "../../support/compile.ts";

/** A dynamic client of the service below. */
export interface PingsClient extends AsyncDisposable {
  fast(input: object, options?: CallOptions): Promise<Message>;
  slow(input: object, options?: CallOptions): Promise<Message>;
  quiet(input: object, options?: CallOptions): AsyncIterable<Message>;
}

/** A service with a method that is answered at once, one that never is, and a stream without messages. */
export function pingsService(keepalive: string): DescService {
  const text = `
    syntax = "proto3";
    package pings.v1;
    import "service_client_config.proto";
    message Empty {}
    service Pings {
      option (service_client.client_config) = { transport_security { mode: PLAINTEXT } ${keepalive} };
      rpc Fast(Empty) returns (Empty) { option (service_client.method_config).response_timeout_millis = 60000; }
      rpc Slow(Empty) returns (Empty) { option (service_client.method_config).response_timeout_millis = 60; }
      rpc Quiet(Empty) returns (stream Empty);
    }`;
  return compileService(text, "pings.v1.Pings");
}

/** Starts one of our own servers of that service, with ping enforcement as the contract says. */
export async function startPingsServer(
  kind: "grpc-js" | "connect-node",
  keepalive: string,
): Promise<AsyncDisposable & { readonly port: number }> {
  const service = pingsService(keepalive);
  const common: ServeOptions = { contracts: [contractOf(service)], host: "127.0.0.1", port: 0, signals: false };
  const server = await (kind === "grpc-js" ? serveGrpc(service, common) : serveConnect(service, common));
  return { port: await server.ready(), [Symbol.asyncDispose]: async () => void (await server.close()) };
}

function serveGrpc(service: DescService, common: ServeOptions): Promise<RunningServer> {
  const handlers = {
    fast: ({ request }: ServerUnaryCall<Message, Message>, reply: sendUnaryData<Message>) => reply(null, request),
    slow: () => {},
    quiet: (call: ServerWritableStream<Message, Message>) => call.sendMetadata(new Metadata()),
  };
  return serve({ ...common, services: (grpc) => grpc.addService(serviceDefinition(service), handlers) });
}

function serveConnect(service: DescService, common: ServeOptions): Promise<RunningServer> {
  const handlers = {
    fast: (request: Message) => request,
    slow: () => new Promise<never>(() => {}),
    async *quiet(_: Message, { signal }: HandlerContext): AsyncGenerator<Message> {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  return serveHttp2({
    ...common,
    createServer: ({ health }) =>
      createServer(connectNodeAdapter({ routes: (router) => health(router.service(service, handlers as never)) })),
  });
}
