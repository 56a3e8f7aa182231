// SPDX-License-Identifier: Apache-2.0
import { pipeline, Readable } from "node:stream";
import {
  create,
  createRegistry,
  type DescFile,
  type DescService,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import type { BoundContract, ServiceContract } from "@talaria/contract";
import { Health } from "./gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";
import { serviceDefinition } from "./service-definition.ts";

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/** Answers questions in their order, and reads the next one when the answer to the last is taken. */
type Reflect = (questions: AsyncIterable<ServerReflectionRequest>) => AsyncGenerator<ServerReflectionResponse>;

/** Adds `grpc.reflection.v1.ServerReflection` to a grpc-js server. */
export function addReflectionService(server: Server, contracts: readonly ServiceContract[]): void {
  const reflect = reflectionOf(contracts);
  server.addService(serviceDefinition(ServerReflection), {
    // A caller who leaves before the end is no failure.
    serverReflectionInfo: (call: ServerDuplexStream<ServerReflectionRequest, unknown>) =>
      void pipeline(Readable.from(reflect(call)), call, () => {}),
  });
}

/** Adds `grpc.reflection.v1.ServerReflection` to a Connect router. */
export function routeReflection(router: ConnectRouter, contracts: readonly ServiceContract[]): void {
  router.service(ServerReflection, { serverReflectionInfo: reflectionOf(contracts) });
}

function reflectionOf(contracts: readonly ServiceContract[]): Reflect {
  const services = [...contracts.map(descriptorOf), Health, ServerReflection];
  const files = filesOf(services.map(({ file }) => file));
  const registry = createRegistry(...files);
  // A descriptor keeps options that it does not know, such as a contract, as bytes: they are passed on as they were written.
  const bytes = new Map(files.map((file) => [file, toBinary(FileDescriptorProtoSchema, file.proto)]));

  const sendFile = (wanted: string, file: DescFile | undefined): Answer =>
    file === undefined
      ? failure(Code.NotFound, `this server has no ${JSON.stringify(wanted)}`)
      : {
          case: "fileDescriptorResponse",
          value: { fileDescriptorProto: filesOf([file]).flatMap((each) => bytes.get(each) ?? []) },
        };
  const fileWith = (symbol: string): DescFile | undefined => {
    const end = symbol.lastIndexOf(".");
    const service = registry.getService(symbol.slice(0, Math.max(end, 0)));
    const method = service?.methods.find(({ name }) => name === symbol.slice(end + 1));
    return (method?.parent ?? registry.get(symbol))?.file;
  };
  const answer = ({ messageRequest: asked }: ServerReflectionRequest): Answer => {
    switch (asked.case) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: services.map(({ typeName: name }) => ({ name })) } };
      case "fileByFilename":
        return sendFile(
          asked.value,
          files.find(({ proto }) => proto.name === asked.value),
        );
      case "fileContainingSymbol":
        return sendFile(asked.value, fileWith(asked.value));
      case undefined:
        return failure(Code.Unimplemented, "this server answers questions about services, files and symbols only");
    }
  };
  return async function* (questions) {
    for await (const question of questions) {
      yield create(ServerReflectionResponseSchema, {
        validHost: question.host,
        originalRequest: question,
        messageResponse: answer(question),
      });
    }
  };
}

function descriptorOf(contract: ServiceContract | BoundContract): DescService {
  if ("descriptor" in contract) {
    return contract.descriptor;
  }
  throw new ConnectError(
    `the contract of ${contract.service} has no descriptor to reflect: pass it as it was generated, or contractOf(the service)`,
    Code.InvalidArgument,
  );
}

/** These files, and all that they import. */
function filesOf(files: readonly DescFile[]): readonly DescFile[] {
  const found = new Set(files);
  // A set goes on to what is added meanwhile.
  for (const { dependencies } of found) {
    for (const file of dependencies) {
      found.add(file);
    }
  }
  return [...found];
}

function failure(code: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode: code, errorMessage } };
}
