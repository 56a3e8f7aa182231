// SPDX-License-Identifier: Apache-2.0
import { create, type DescService, type Message, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type Responder,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  status as Status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { serviceDefinition } from "@talaria/runtime/server";
import { Health } from "../../../runtime/src/server/gen/grpc/health/v1/health_pb.ts";
import type { CertifiedKey } from "../../support/certificates.ts";
import { compileService } from "../../support/compile.ts";
import type { Shop } from "./shop.ts";

/** What a server says about itself. */
export interface DoctorServerOptions {
  readonly tls?: CertifiedKey & { /** Demands certificates of this authority. */ readonly clientCa?: string };
  readonly host?: string;
  readonly port?: number;
  /** By name; a name that is not here is NOT_FOUND. Absent: no health service. */
  readonly health?: Readonly<Record<string, "SERVING" | "NOT_SERVING">>;
  readonly reflection?: ReflectionOptions;
  /** Calls without this bearer token are UNAUTHENTICATED, and are told what they came with. */
  readonly token?: string;
}

/** How a server reflects itself. */
export interface ReflectionOptions {
  readonly version: "v1" | "v1alpha";
  readonly shop: Shop;
  /** Send only the file that was asked for, as some servers do [all that it needs]. */
  readonly oneByOne?: boolean;
  /** The services that it lists [that of the shop]. */
  readonly lists?: readonly string[];
}

/** A real grpc-js server that notes what is asked of it. */
export interface DoctorServer extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
  /** The paths of the calls it has seen. */
  readonly calls: string[];
  /** What each of them had as authorization, empty where it had none. */
  readonly authorizations: string[];
}

/** Starts a server of the shop, whose methods fail the test that calls them. */
export async function startDoctorServer(shop: Shop, options: DoctorServerOptions = {}): Promise<DoctorServer> {
  const calls: string[] = [];
  const authorizations: string[] = [];
  const server = new Server({
    interceptors: [
      (method, call) => {
        calls.push(method.path);
        return new ServerInterceptingCall(call, authenticate(call, options.token, authorizations));
      },
    ],
  });
  server.addService(serviceDefinition(shop.service), {} as UntypedServiceImplementation);
  if (options.health !== undefined) {
    server.addService(serviceDefinition(Health), healthOf(options.health));
  }
  if (options.reflection !== undefined) {
    const service = reflectionService(options.reflection.version);
    server.addService(serviceDefinition(service), {
      serverReflectionInfo: (call: ServerDuplexStream<Question, Message>) => reflect(call, service, options.reflection),
    } as UntypedServiceImplementation);
  }
  const { host = "127.0.0.1", port = 0 } = options;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${host.includes(":") ? `[${host}]` : host}:${port}`,
      credentialsOf(options.tls),
      (error, found) => (error === null ? resolve(found) : reject(error)),
    );
  });
  return {
    port: bound,
    address: `${host.includes(":") ? `[${host}]` : host}:${bound}`,
    calls,
    authorizations,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

function authenticate(call: ServerInterceptingCallInterface, token: string | undefined, seen: string[]): Responder {
  return {
    start: (next) =>
      next({
        onReceiveMetadata: (metadata, pass) => {
          const authorization = metadata.get("authorization").join();
          seen.push(authorization);
          if (token === undefined || authorization === `Bearer ${token}`) {
            pass(metadata);
          } else {
            call.sendStatus({ code: Status.UNAUTHENTICATED, details: `nobody knows "${authorization}"` });
          }
        },
      }),
  };
}

function credentialsOf(tls: DoctorServerOptions["tls"]): ServerCredentials {
  if (tls === undefined) {
    return ServerCredentials.createInsecure();
  }
  const { cert, key, clientCa } = tls;
  const ca = clientCa === undefined ? null : Buffer.from(clientCa);
  return ServerCredentials.createSsl(
    ca,
    [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }],
    clientCa !== undefined,
  );
}

function healthOf(health: NonNullable<DoctorServerOptions["health"]>): UntypedServiceImplementation {
  const check = (
    { request }: { request: { service: string } },
    reply: (error: { code: number; details: string } | null, response?: { status: number }) => void,
  ): void => {
    const status = health[request.service];
    if (status === undefined) {
      reply({ code: Status.NOT_FOUND, details: "never heard of it" });
    } else {
      reply(null, create(Health.method.check.output, { status: status === "SERVING" ? 1 : 2 }));
    }
  };
  return { check } as unknown as UntypedServiceImplementation;
}

/** The published protocol, as far as it is used (grpc/reflection/v1/reflection.proto). */
function reflectionService(version: "v1" | "v1alpha"): DescService {
  const text = `syntax = "proto3";
  package grpc.reflection.${version};
  service ServerReflection { rpc ServerReflectionInfo(stream Request) returns (stream Response); }
  message Request {
    string host = 1;
    oneof message_request { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
  }
  message Response {
    string valid_host = 1;
    oneof message_response {
      FileDescriptorResponse file_descriptor_response = 4;
      ListServiceResponse list_services_response = 6;
      ErrorResponse error_response = 7;
    }
  }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ServiceResponse { string name = 1; }
  message ErrorResponse { int32 error_code = 1; string error_message = 2; }`;
  return compileService(text, `grpc.reflection.${version}.ServerReflection`);
}

type Question = Message & {
  readonly messageRequest: { readonly case: string | undefined; readonly value: string };
};

function reflect(
  call: ServerDuplexStream<Question, Message>,
  service: DescService,
  options: ReflectionOptions | undefined,
): void {
  const [method] = service.methods;
  if (method === undefined || options === undefined) {
    throw new Error("there is nothing to reflect with");
  }
  call.on("data", ({ messageRequest }: Question) => {
    call.write(create(method.output, { messageResponse: answerTo(messageRequest, options) } as never));
  });
  call.on("end", () => call.end());
}

function answerTo(
  { case: kind, value }: Question["messageRequest"],
  { shop, oneByOne = false, lists = [shop.service.typeName, "grpc.health.v1.Health"] }: ReflectionOptions,
): object {
  if (kind === "listServices") {
    return { case: "listServicesResponse", value: { service: lists.map((name) => ({ name })) } };
  }
  const files = shop.descriptors.file;
  const found =
    kind === "fileByFilename"
      ? files.find(({ name }) => name === value)
      : files.find(({ name }) => name === `${shop.service.file.name}.proto`);
  if (found === undefined) {
    return { case: "errorResponse", value: { errorCode: 5, errorMessage: `${value} is not here` } };
  }
  const sent: readonly FileDescriptorProto[] = oneByOne ? [found] : files;
  const fileDescriptorProto = sent.map((file) => toBinary(FileDescriptorProtoSchema, file));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}
