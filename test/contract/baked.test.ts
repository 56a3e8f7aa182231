// SPDX-License-Identifier: Apache-2.0
import { create, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  file_google_protobuf_empty,
} from "@bufbuild/protobuf/wkt";
import { contractOf, inspectService, type ServiceContract } from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { greetingServiceContract } from "../../generated/greeting_client.ts";
import { GreetingService } from "../../generated/greeting_pb.ts";
import { dispatchServiceContract } from "../../generated/shop/dispatch/v1/dispatch_client.ts";
import { DispatchService } from "../../generated/shop/dispatch/v1/dispatch_pb.ts";
import { orderServiceContract } from "../../generated/shop/orders/v1/orders_client.ts";
import { OrderService } from "../../generated/shop/orders/v1/orders_pb.ts";
import { answerRequest, sourceOf } from "../../plugin/src/index.ts";
import { findUnsupported } from "../../plugin/src/unsupported.ts";
import { soundServices } from "./sound-services.ts";

describe("the contract that the generator bakes in is the one of the descriptor", () => {
  test.each([
    [GreetingService, greetingServiceContract],
    [OrderService, orderServiceContract],
    [DispatchService, dispatchServiceContract],
  ])("%s", (service, baked) => {
    expect(contractOf(service)).toEqual(baked);
  });

  test("for services at random", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(soundServices, async (service) => {
        fc.pre(findUnsupported(inspectService(service)).length === 0);
        expect(await bakedContract(service)).toEqual(JSON.parse(JSON.stringify(contractOf(service))));
        compared++;
      }),
      { numRuns: 60 },
    );
    expect(compared).toBe(60);
  });
});

/** What the generator writes for a service, read back: the literal between `bindContract(Service, ` and `)`. */
async function bakedContract(service: DescService): Promise<ServiceContract> {
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: [service.file.proto.name],
    protoFile: [file_google_protobuf_empty.proto, service.file.proto],
    parameter: "target=js",
  });
  const parts: Uint8Array[] = [];
  await answerRequest(sourceOf(toBinary(CodeGeneratorRequestSchema, request)), (part) => void parts.push(part.slice()));
  const { error, file } = fromBinary(CodeGeneratorResponseSchema, Buffer.concat(parts));
  expect(error).toBe("");
  const client = file.find(({ name }) => name?.endsWith("_client.js"))?.content ?? "";
  const [, literal = ""] = /bindContract\(\w+, (\{[\s\S]*?\n\})\);/.exec(client) ?? [];
  return new Function(`return ${literal}`)() as ServiceContract;
}
