// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { ChannelCredentials, Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import {
  bindContract,
  contractOf,
  formatServiceConfig,
  type MethodPolicy,
  type ServiceContract,
} from "@talaria/contract";
import { createServiceClient } from "@talaria/runtime";
import { type EchoClient, echoService } from "../e2e/echo.ts";

/** How a call ended. */
export interface CallEnd {
  readonly code: number;
  /** Of a status. */
  readonly message: string;
  /** The texts of the response messages. */
  readonly texts: readonly string[];
  readonly tookMs: number;
}

export type EchoMethod = "unary" | "server";

export interface DifferentialClient {
  call(method: EchoMethod, id: string, text?: string): Promise<CallEnd>;
  close(): void | PromiseLike<void>;
}

const service: DescService = echoService({});
const base = contractOf(service);

/** The contract of the echo service with these policies for each method. */
export function echoContract(
  policies: Partial<MethodPolicy>,
  more: Partial<Pick<ServiceContract, "retryThrottling">> = {},
): ServiceContract {
  return { ...base, ...more, methods: base.methods.map((method) => ({ ...method, ...policies })) };
}

/** Our client of that contract. */
export function openOurs(contract: ServiceContract, port: number): DifferentialClient {
  const client = createServiceClient(bindContract(service, contract), {
    target: `dns:///127.0.0.1:${port}`,
  }) as unknown as EchoClient;
  return {
    call(method, id, text = "") {
      const options = { headers: { "x-call": id } };
      return timed(async (texts) => {
        if (method === "unary") {
          texts.push((await client.unary({ text }, options)).text);
        } else {
          for await (const response of client.server({ text }, options)) {
            texts.push(response.text);
          }
        }
      });
    },
    close: () => client[Symbol.asyncDispose](),
  };
}

/** The client of grpc-js, with the service config that the contract is emitted as. */
export function openNative(contract: ServiceContract, port: number): DifferentialClient {
  const client = new Client(`dns:///127.0.0.1:${port}`, ChannelCredentials.createInsecure(), {
    "grpc.service_config": formatServiceConfig(contract),
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_http_proxy": 0,
  });
  const encode = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    return bytes.length === 0 ? bytes : Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes]);
  };
  const decode = (bytes: Buffer): string => bytes.subarray(2).toString();
  return {
    call(method, id, text = "") {
      const metadata = new Metadata();
      metadata.set("x-call", id);
      return timed(async (texts) => {
        await new Promise<void>((resolve, reject) => {
          if (method === "unary") {
            client.makeUnaryRequest("/echo.v1.Echo/Unary", encode, decode, text, metadata, (error, response) => {
              if (error === null) {
                texts.push(response ?? "");
                resolve();
              } else {
                reject(error);
              }
            });
          } else {
            const call = client.makeServerStreamRequest("/echo.v1.Echo/Server", encode, decode, text, metadata);
            call.on("data", (response: string) => texts.push(response));
            call.on("end", resolve);
            call.on("error", reject);
          }
        });
      });
    },
    close: () => client.close(),
  };
}

async function timed(run: (texts: string[]) => Promise<void>): Promise<CallEnd> {
  const startedAtMs = performance.now();
  const texts: string[] = [];
  let end = { code: 0, message: "" };
  try {
    await run(texts);
  } catch (error) {
    end = error instanceof ConnectError ? endOfOurs(error) : endOfNative(error as ServiceError);
  }
  return { ...end, texts, tookMs: performance.now() - startedAtMs };
}

/** Our message says more than the status: why no further attempt was made. */
function endOfOurs({ code, rawMessage }: ConnectError): { code: number; message: string } {
  return { code, message: rawMessage.replace(/ \((?:after \d|not tried again).*\)$/s, "") };
}

function endOfNative({ code, details }: ServiceError): { code: number; message: string } {
  return { code, message: details };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest & 0x7f) | 0x80);
  }
}
