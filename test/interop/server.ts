// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, type ServerUnaryCall, status as Status, type sendUnaryData } from "@grpc/grpc-js";

/** What the servers saw of one client, which names itself in every request. */
export interface Seen {
  /** The deadlines that calls of Slow told, in milliseconds; Infinity for none. */
  readonly slowDeadlinesMs: number[];
  /** `grpc-previous-rpc-attempts` of the attempts of Flaky. */
  readonly flakyAttempts: (string | undefined)[];
  /** Calls of Spread by server. */
  readonly spread: number[];
}

/** Three servers on loopback that take bytes as they are. */
export interface InteropServers extends AsyncDisposable {
  readonly ports: readonly number[];
  seen(client: string): Seen;
}

type Call = ServerUnaryCall<Buffer, Buffer>;
type Reply = sendUnaryData<Buffer>;

/** Slow never answers in time, Flaky fails the first two attempts of a client, Spread answers. */
export async function startInteropServers(): Promise<InteropServers> {
  const clients = new Map<string, Seen>();
  const seen = (client: string): Seen => {
    const known = clients.get(client) ?? { slowDeadlinesMs: [], flakyAttempts: [], spread: [0, 0, 0] };
    clients.set(client, known);
    return known;
  };
  const servers = await Promise.all([0, 1, 2].map((index) => startServer(index, seen)));
  return {
    ports: servers.map(({ port }) => port),
    seen,
    async [Symbol.asyncDispose]() {
      for (const { server } of servers) {
        server.forceShutdown();
      }
    },
  };
}

async function startServer(index: number, seen: (client: string) => Seen): Promise<{ server: Server; port: number }> {
  const handlers = {
    Slow(call: Call, reply: Reply) {
      seen(String(call.request)).slowDeadlinesMs.push(Number(call.getDeadline()) - Date.now());
      setTimeout(() => reply(null, call.request), 2000).unref();
    },
    Flaky(call: Call, reply: Reply) {
      const { flakyAttempts } = seen(String(call.request));
      flakyAttempts.push(call.metadata.get("grpc-previous-rpc-attempts")[0]?.toString());
      if (flakyAttempts.length < 3) {
        reply({ code: Status.UNAVAILABLE, details: "not yet" });
      } else {
        reply(null, call.request);
      }
    },
    Spread(call: Call, reply: Reply) {
      const { spread } = seen(String(call.request));
      spread[index] = (spread[index] ?? 0) + 1;
      reply(null, call.request);
    },
  };
  const asIs = (bytes: Buffer): Buffer => bytes;
  const server = new Server();
  server.addService(
    Object.fromEntries(
      Object.keys(handlers).map((name) => [
        name,
        {
          path: `/interop.v1.Interop/${name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      ]),
    ),
    handlers,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, port };
}
