// SPDX-License-Identifier: Apache-2.0
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  Code,
  type Request,
  type Response,
  ResponseSchema,
  type Spec,
  SpecSchema,
} from "../gen/pluginrpc/v1/pluginrpc_pb.ts";
import { binaryCodec, type Codec } from "./codec.ts";
import { type Command, type Format, parseCommand } from "./parse-command.ts";
import type { Procedure } from "./procedure.ts";
import { RpcError } from "./rpc-error.ts";

/** What a PluginRPC process serves. */
export interface Server {
  /** The name people know the plugin by. */
  readonly name: string;
  /** What can be asked. Paths and args are unique. */
  readonly procedures: readonly Procedure[];
  /** Makes the JSON of a request fit its type; called only for `--format json`. */
  rewriteJsonRequest?(json: string): string | Promise<string>;
}

/** What the process writes. */
export interface Answer {
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/**
 * Serves one PluginRPC process, protocol version 1, short of doing the input and output itself.
 *
 * @throws CommandError for arguments it does not know, an Error for a request it cannot read. The process must then
 * write nothing to stdout and exit with another code than 0.
 */
export async function serve(
  server: Server,
  argv: readonly string[],
  readInput: () => Uint8Array | Promise<Uint8Array>,
): Promise<Answer> {
  const command = parseCommand(argv);
  switch (command.kind) {
    case "help":
      return { stdout: new Uint8Array(), stderr: helpText(server) };
    case "protocol":
      return output(new TextEncoder().encode("1\n"));
    case "spec":
      return output((await codecOf(server, command.format)).encode(SpecSchema, specOf(server)));
    case "call":
      return output(await call(server, command, readInput));
  }
}

async function call(
  server: Server,
  command: Command & { kind: "call" },
  readInput: () => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const codec = await codecOf(server, command.format);
  const respond = (response: Response) => codec.encode(ResponseSchema, response);
  const procedure = findProcedure(server, command.args);
  if (procedure === undefined) {
    return respond(failure(new RpcError("UNIMPLEMENTED", `there is no procedure "${command.args.join(" ")}"`)));
  }
  const request = await decodeRequest(codec, await readInput(), command.format);
  try {
    const value = anyPack(procedure.output, await procedure.call(request.value));
    return respond(create(ResponseSchema, { value }));
  } catch (error) {
    return respond(failure(error));
  }
}

function findProcedure(server: Server, args: readonly string[]): Procedure | undefined {
  const line = args.join(" ");
  return server.procedures.find((procedure) => line === procedure.path || line === procedure.args.join(" "));
}

/** Loads JSON for those who ask for it: buf never does, and loading it takes a tenth of the time of a small check. */
async function codecOf({ procedures, rewriteJsonRequest }: Server, format: Format): Promise<Codec> {
  if (format === "binary") {
    return binaryCodec;
  }
  const { createJsonCodec } = await import("./json-codec.ts");
  const types = procedures.flatMap(({ input, output }) => [input, output]);
  return createJsonCodec(types, rewriteJsonRequest ?? ((json) => json));
}

async function decodeRequest(codec: Codec, bytes: Uint8Array, format: Format): Promise<Request> {
  try {
    return await codec.decode(bytes);
  } catch (cause) {
    throw new Error(`the request on stdin is not a ${format} pluginrpc.v1.Request: ${messageOf(cause)}`, { cause });
  }
}

function failure(error: unknown): Response {
  const code = error instanceof RpcError ? error.code : "UNKNOWN";
  const message = messageOf(error) || "the plugin failed and did not say why";
  return create(ResponseSchema, { error: { code: Code[code], message } });
}

function specOf(server: Server): Spec {
  const procedures = server.procedures.map(({ path, args }) => ({ path, args: [...args] }));
  return create(SpecSchema, { procedures });
}

function output(stdout: Uint8Array): Answer {
  return { stdout, stderr: "" };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function helpText(server: Server): string {
  const width = Math.max(...server.procedures.map(({ args }) => args.join(" ").length));
  const commands = server.procedures.map(({ args, path }) => `  ${args.join(" ").padEnd(width)}  ${path}`);
  return `${server.name} is a plugin for buf. Name it in buf.yaml, and buf lint or buf breaking runs it:

  plugins:
    - plugin: ${server.name}

Commands, with the request on stdin and the response on stdout (PluginRPC, protocol version 1):
${commands.join("\n")}

Flags:
  --protocol                prints the version of the protocol
  --spec                    prints the commands
  --format <binary|json>    how messages are written [binary]
  --help                    prints this
`;
}
