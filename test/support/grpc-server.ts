// SPDX-License-Identifier: Apache-2.0
import type { DescService, Message } from "@bufbuild/protobuf";
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { serviceDefinition } from "../../runtime/src/server/service-definition.ts";
import type { CertifiedKey } from "./certificates.ts";

/** A handler of any kind, with protobuf-es messages. */
export type Handler =
  | handleUnaryCall<Message, Message>
  | handleServerStreamingCall<Message, Message>
  | handleClientStreamingCall<Message, Message>
  | handleBidiStreamingCall<Message, Message>;

/** A real grpc-js server on loopback. */
export interface TestServer {
  readonly port: number;
  /** The target of a client: `dns:///localhost:<port>`. */
  readonly target: string;
  readonly server: Server;
  /** Stops at once. */
  close(): Promise<void>;
}

/** Starts a grpc-js server for a service. */
export async function startGrpcServer<S extends DescService>(
  service: S,
  handlers: { readonly [K in keyof S["method"]]?: Handler },
  options: { readonly tls?: CertifiedKey; readonly port?: number; readonly host?: string } = {},
): Promise<TestServer> {
  const server = new Server();
  server.addService(serviceDefinition(service), handlers as UntypedServiceImplementation);
  const credentials =
    options.tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(options.tls.cert), private_key: Buffer.from(options.tls.key) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host ?? "127.0.0.1"}:${options.port ?? 0}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    target: `dns:///localhost:${port}`,
    server,
    close: async () => server.forceShutdown(),
  };
}
