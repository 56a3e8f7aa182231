// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import type { ServiceContract } from "@talaria/contract";
import { contractOf } from "@talaria/runtime";
import { type RunningServer, serve, serveHttp2 } from "@talaria/runtime/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { orderServiceContract } from "../../generated/shop/orders/v1/orders_client.ts";
import { OrderService } from "../../generated/shop/orders/v1/orders_pb.ts";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "../../runtime/src/server/gen/grpc/reflection/v1/reflection_pb.ts";
import { serverKinds } from "../scenarios/server-fixture.ts";
import { echoService, failureOf } from "./echo.ts";

const echo = contractOf(echoService({ service: "response_timeout_millis: 321" }));
/** As it was generated, but for the security: options and imports are in the descriptor of protoc-gen-es. */
const orders = withPlaintext(orderServiceContract);

function withPlaintext(contract: typeof orderServiceContract): typeof orderServiceContract {
  const plain = { ...contract, transportSecurity: echo.transportSecurity };
  return Object.defineProperty(plain as typeof contract, "descriptor", { value: contract.descriptor });
}

interface Start {
  readonly kind: (typeof serverKinds)[number];
  readonly contracts?: readonly ServiceContract[];
  readonly reflection?: boolean;
}

function start({ kind, contracts = [echo, orders], reflection = true }: Start): Promise<RunningServer> {
  const common = { contracts, host: "127.0.0.1", port: 0, signals: false };
  return kind === "grpc-js"
    ? serve({ ...common, services: () => {}, ...(reflection ? { reflection } : {}) })
    : serveHttp2({
        ...common,
        createServer: (parts) =>
          createServer(
            connectNodeAdapter({
              routes(router) {
                parts.health(router);
                if (reflection) {
                  parts.reflection(router);
                }
              },
            }),
          ),
      });
}

type Question = readonly ["listServices" | "fileByFilename" | "fileContainingSymbol", string];

function clientOf(port: number): Client<typeof ServerReflection> {
  return createClient(ServerReflection, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
}

/** Asks on one stream. */
async function ask(port: number, ...questions: readonly Question[]): Promise<ServerReflectionResponse[]> {
  const requests = async function* () {
    for (const [kind, value] of questions) {
      yield { host: "here", messageRequest: { case: kind, value } };
    }
  };
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of clientOf(port).serverReflectionInfo(requests())) {
    answers.push(answer);
  }
  return answers;
}

async function* endless() {
  for (;;) {
    yield { messageRequest: { case: "listServices", value: "" } } as const;
  }
}

function filesIn(answer: ServerReflectionResponse | undefined) {
  if (answer?.messageResponse.case !== "fileDescriptorResponse") {
    throw new Error(`this is no answer with files: ${JSON.stringify(answer?.messageResponse)}`);
  }
  return answer.messageResponse.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

const ordersFiles = ["shop/orders/v1/orders.proto", "service_client_config.proto", "google/protobuf/descriptor.proto"];

describe.each(serverKinds)("reflection of a server of %s", (kind) => {
  const stack = new AsyncDisposableStack();
  let port = 0;
  beforeAll(async () => {
    port = await stack.use(await start({ kind })).ready();
  });
  afterAll(() => stack.disposeAsync());

  test("lists the services of the contracts, and its own", async () => {
    const [answer] = await ask(port, ["listServices", ""]);
    expect(answer).toMatchObject({ validHost: "here", originalRequest: { host: "here" } });
    expect(answer?.messageResponse).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: [
          { name: "echo.v1.Echo" },
          { name: "shop.orders.v1.OrderService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
        ],
      },
    });
  });

  test.each([
    ["a service", "fileContainingSymbol", "shop.orders.v1.OrderService"],
    ["a method", "fileContainingSymbol", "shop.orders.v1.OrderService.GetOrder"],
    ["a message", "fileContainingSymbol", "shop.orders.v1.Order"],
    ["an enum", "fileContainingSymbol", "shop.orders.v1.OrderState"],
    ["its name", "fileByFilename", "shop/orders/v1/orders.proto"],
  ] as const)("sends the file of %s, and all that it imports", async (_, question, value) => {
    const [answer] = await ask(port, [question, value]);
    expect(filesIn(answer).map(({ name }) => name)).toEqual(ordersFiles);
  });

  test("leaves no option out", async () => {
    const answers = await ask(
      port,
      ["fileContainingSymbol", "shop.orders.v1.OrderService"],
      ["fileContainingSymbol", "echo.v1.Echo"],
    );
    const [theirs, ours] = answers.map((answer) =>
      createFileRegistry(create(FileDescriptorSetSchema, { file: filesIn(answer).reverse() })),
    );
    const reflected = theirs?.getService(OrderService.typeName) ?? OrderService;
    expect(reflected).not.toBe(OrderService);
    expect(contractOf(reflected)).toEqual(contractOf(OrderService));
    const [sent, own] = [reflected, OrderService].map(({ file }) => toBinary(FileDescriptorProtoSchema, file.proto));
    expect(sent).toEqual(own);
    expect(contractOf(ours?.getService("echo.v1.Echo") ?? OrderService)).toEqual(echo);
  });

  test("says of each unknown name that it is not there, and goes on", async () => {
    const unknown = [
      ["fileContainingSymbol", "shop.orders.v1.Nothing"],
      ["fileContainingSymbol", "shop.orders.v1.OrderService.Nothing"],
      ["fileContainingSymbol", "shop.orders.v1.OrderService."],
      ["fileContainingSymbol", ""],
      ["fileByFilename", "shop/orders/v1/orders"],
    ] as const;
    const answers = await ask(port, ...unknown, ["fileContainingSymbol", "grpc.health.v1.Health.Check"]);
    for (const [index, [, name]] of unknown.entries()) {
      expect(answers[index]?.messageResponse).toMatchObject({
        case: "errorResponse",
        value: { errorCode: Code.NotFound, errorMessage: `this server has no ${JSON.stringify(name)}` },
      });
    }
    expect(filesIn(answers.at(-1)).map(({ name }) => name)).toEqual(["grpc/health/v1/health.proto"]);
  });

  test("says of questions about extensions that it does not answer them", async () => {
    const extensionsOf = { no: 6, wireType: 2, data: new Uint8Array([1, 0x61]) };
    const requests = async function* () {
      yield Object.assign(create(ServerReflectionRequestSchema), { $unknown: [extensionsOf] });
    };
    for await (const { messageResponse, originalRequest } of clientOf(port).serverReflectionInfo(requests())) {
      expect(messageResponse).toMatchObject({ case: "errorResponse", value: { errorCode: Code.Unimplemented } });
      expect(originalRequest?.$unknown).toEqual([extensionsOf]);
    }
    expect.assertions(2);
  });

  test("minds no caller who leaves before the end", async () => {
    const leaving = new AbortController();
    const failure = await failureOf(
      (async () => {
        for await (const { messageResponse } of clientOf(port).serverReflectionInfo(endless(), leaving)) {
          expect(messageResponse.case).toBe("listServicesResponse");
          leaving.abort();
        }
      })(),
    );
    expect(failure).toMatchObject({ code: Code.Canceled });
    expect(await ask(port, ["listServices", ""])).toHaveLength(1);
  });

  test("is not there unless it is asked for", async () => {
    await using server = await start({ kind, reflection: false });
    expect(await failureOf(ask(await server.ready(), ["listServices", ""]))).toMatchObject({
      code: Code.Unimplemented,
    });
  });

  test("wants contracts that know their descriptors", async () => {
    expect(await failureOf(start({ kind, contracts: [{ ...echo }] }))).toMatchObject({
      code: Code.InvalidArgument,
      rawMessage:
        "the contract of echo.v1.Echo has no descriptor to reflect: pass it as it was generated, or contractOf(the service)",
    });
  });
});
