// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import {
  credentials,
  Client as GrpcClient,
  status as GrpcStatus,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { contractOf, createServiceClient } from "@talaria/runtime";
import {
  type RunningServer,
  type ServeOptions,
  type ServerEvent,
  serve,
  serveHttp2,
  serviceDefinition,
} from "@talaria/runtime/server";
import { Health } from "../../runtime/src/server/gen/grpc/health/v1/health_pb.ts";
import { type EchoClient, echoService, type Text, text } from "../e2e/echo.ts";

/** The kinds of server, which all behave the same. */
export const serverKinds = ["grpc-js", "connect-node"] as const;

/** How a test server is started. */
export interface FixtureOptions extends Partial<ServeOptions> {
  readonly kind: (typeof serverKinds)[number];
  /** Service options, e.g. `drain { notice_millis: 100 grace_millis: 500 }`. */
  readonly contract?: string;
}

/**
 * An echo server of either kind. Unary calls are answered with the text, after as many milliseconds as it begins with;
 * streams send the text every so many milliseconds until they are cancelled, or asked to end and the text says `polite`.
 */
export interface Fixture extends AsyncDisposable {
  readonly server: RunningServer;
  readonly service: DescService;
  readonly events: ServerEvent[];
  /** How many unary calls reached a handler. */
  readonly served: number;
  /** The port, once `ready` was called. */
  port(): number;
  ready(): Promise<void>;
  /** A guarded client of this server. */
  client(): EchoClient;
  /** Makes five unary calls on one connection with grpc-js alone, and answers with every status that it sees. */
  bareCalls(value: string): Promise<Set<string>>;
  /** An unguarded client of the health service. */
  health(): Client<typeof Health>;
}

/** Starts a server, which does not listen before `ready`; disposing of the fixture cuts it off. */
export async function startFixture({ kind, contract = "", ...options }: FixtureOptions): Promise<Fixture> {
  const service = echoService({ service: contract });
  const events: ServerEvent[] = [];
  const handlers = createHandlers(service);
  const common: ServeOptions = {
    contracts: [contractOf(service)],
    host: "127.0.0.1",
    port: 0,
    signals: false,
    onEvent: (event) => events.push(event),
    ...options,
  };
  const server = await (kind === "grpc-js"
    ? serve({
        ...common,
        services: (grpc, draining) => grpc.addService(serviceDefinition(service), handlers.grpc(draining)),
      })
    : serveHttp2({
        ...common,
        createServer: ({ health, draining }) =>
          createServer(
            connectNodeAdapter({
              routes: (router) => health(router.service(service, handlers.connect(draining) as never)),
            }),
          ),
      }));
  let port = 0;
  return {
    server,
    service,
    events,
    get served() {
      return handlers.served();
    },
    port: () => port,
    async ready() {
      port = await server.ready();
    },
    client: () =>
      createServiceClient(contractOf(service), { target: `ipv4:127.0.0.1:${port}` }) as unknown as EchoClient,
    bareCalls: (value) => bareCalls(`127.0.0.1:${port}`, service, text(service, value)),
    health: () => createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` })),
    async [Symbol.asyncDispose]() {
      await server.close();
    },
  };
}

async function bareCalls(target: string, service: DescService, request: Text): Promise<Set<string>> {
  const { unary } = serviceDefinition(service);
  if (unary === undefined) {
    throw new Error(`${service.typeName} has no method unary`);
  }
  const { path, requestSerialize, responseDeserialize } = unary;
  const client = new GrpcClient(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const call = (): Promise<string> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
        resolve(GrpcStatus[error?.code ?? GrpcStatus.OK] ?? String(error?.code)),
      );
    });
  const seen = await Promise.all(Array.from({ length: 5 }, call));
  client.close();
  return new Set(seen);
}

function createHandlers(service: DescService) {
  let served = 0;
  const millisOf = (value: string): number => Number.parseInt(value, 10) || 0;
  const answer = async (value: string): Promise<Text> => {
    served += 1;
    await sleep(millisOf(value));
    return text(service, value);
  };
  async function* stream(value: string, ends: readonly AbortSignal[]): AsyncGenerator<Text> {
    const end = AbortSignal.any([...ends]);
    while (!end.aborted) {
      yield text(service, value);
      await sleep(millisOf(value), undefined, { signal: end }).catch(() => {});
    }
  }
  const endsOf = (value: string, draining: AbortSignal): AbortSignal[] => (value.includes("polite") ? [draining] : []);
  return {
    served: () => served,
    grpc: (draining: AbortSignal) => ({
      unary: ({ request }: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>) =>
        void answer(request.text).then((message) => reply(null, message)),
      async server(call: ServerWritableStream<Text, Text>) {
        const cancelled = new AbortController();
        call.once("cancelled", () => cancelled.abort());
        for await (const message of stream(call.request.text, [
          cancelled.signal,
          ...endsOf(call.request.text, draining),
        ])) {
          call.write(message);
        }
        call.end();
      },
    }),
    connect: (draining: AbortSignal) => ({
      unary: (request: Text) => answer(request.text),
      server: (request: Text, context: HandlerContext) =>
        stream(request.text, [context.signal, ...endsOf(request.text, draining)]),
    }),
  };
}

/** Twenty callers that call again and again. */
export interface FixtureLoad extends AsyncDisposable {
  /** Ends it, and answers with the failures. */
  stop(): Promise<unknown[]>;
}

/** Starts to call without a pause. */
export function startLoad(call: () => Promise<unknown>): FixtureLoad {
  const failures: unknown[] = [];
  let running = true;
  const callers = Array.from({ length: 20 }, async () => {
    while (running) {
      await call().catch((error: unknown) => failures.push(error));
    }
  });
  const stop = async (): Promise<unknown[]> => {
    running = false;
    await Promise.all(callers);
    return failures;
  };
  return {
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** Waits for something to become true; fails after 10 s. */
export async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > endMs) {
      throw new Error(`within 10 s, this did not become true: ${isTrue}`);
    }
    await sleep(5);
  }
}
