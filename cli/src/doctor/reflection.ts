// SPDX-License-Identifier: Apache-2.0
import { create, createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { callOnce, type GrpcPeer } from "./grpc-call.ts";

/** What a server says about itself. */
export type Reflection =
  | { readonly kind: "refused"; readonly status: string; readonly message: string }
  | {
      readonly kind: "answered";
      readonly version: "v1" | "v1alpha";
      /** The full names of its services. */
      readonly services: readonly string[];
    };

/** The fields of `ServerReflectionRequest` in use; v1 and v1alpha are the same on the wire. */
const ask = { fileByName: 3, fileWithSymbol: 4, listServices: 7 } as const;
/** The fields of `ServerReflectionResponse` in use. */
const answer = { files: 4, services: 6, error: 7 } as const;

const mostFiles = 1000;

/** Asks a server for the names of its services, in the newer version of the protocol that it knows. */
export async function reflect(peer: GrpcPeer): Promise<Reflection> {
  let refusal: Reflection = { kind: "refused", status: "UNIMPLEMENTED", message: "" };
  for (const version of ["v1", "v1alpha"] as const) {
    const { status, statusMessage, message } = await request(peer, version, ask.listServices, "*");
    if (status === "OK" && message !== undefined) {
      const listed = fieldsOf(message, answer.services).flatMap((list) => fieldsOf(list, 1));
      return { kind: "answered", version, services: listed.flatMap((one) => fieldsOf(one, 1).map(text)).sort() };
    }
    refusal = { kind: "refused", status, message: statusMessage };
    if (status !== "UNIMPLEMENTED") {
      break;
    }
  }
  return refusal;
}

/**
 * Asks for the descriptor of a service, with all that it imports.
 *
 * @throws an Error when the server does not give it, or gives something that is none.
 */
export async function reflectService(peer: GrpcPeer, version: "v1" | "v1alpha", service: string): Promise<DescService> {
  const files = new Map<string, FileDescriptorProto>();
  const add = (bytes: Uint8Array): void => {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    files.set(file.name, file);
  };
  for (const bytes of await descriptors(peer, version, ask.fileWithSymbol, service)) {
    add(bytes);
  }
  for (let missing = missingOf(files); missing !== undefined; missing = missingOf(files)) {
    if (files.size >= mostFiles) {
      throw new Error(`the descriptor of ${service} needs more than ${mostFiles} files`);
    }
    for (const bytes of await descriptors(peer, version, ask.fileByName, missing)) {
      add(bytes);
    }
    if (!files.has(missing)) {
      throw new Error(`asked for ${missing}, the server sent other files`);
    }
  }
  const found = createFileRegistry(create(FileDescriptorSetSchema, { file: inOrder(files) })).getService(service);
  if (found === undefined) {
    throw new Error(`the server lists ${service}, and has no descriptor of it`);
  }
  return found;
}

function missingOf(files: ReadonlyMap<string, FileDescriptorProto>): string | undefined {
  return [...files.values()].flatMap(({ dependency }) => dependency).find((name) => !files.has(name));
}

/** Imported files first, as a registry wants them. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visiting = new Set<string>();
  const visit = (name: string): void => {
    const file = files.get(name);
    if (file !== undefined && !visiting.has(name)) {
      visiting.add(name);
      file.dependency.forEach(visit);
      ordered.add(file);
    }
  };
  [...files.keys()].forEach(visit);
  return [...ordered];
}

async function descriptors(
  peer: GrpcPeer,
  version: "v1" | "v1alpha",
  field: number,
  name: string,
): Promise<readonly Uint8Array[]> {
  const { status, statusMessage, message } = await request(peer, version, field, name);
  if (status !== "OK" || message === undefined) {
    throw new Error(`asked for ${name}, the server answered ${status}: ${statusMessage}`);
  }
  const [error] = fieldsOf(message, answer.error);
  if (error !== undefined) {
    throw new Error(`asked for ${name}, the server answered: ${fieldsOf(error, 2).map(text).join()}`);
  }
  return fieldsOf(message, answer.files).flatMap((response) => fieldsOf(response, 1));
}

function request(peer: GrpcPeer, version: "v1" | "v1alpha", field: number, value: string): ReturnType<typeof callOnce> {
  const bytes = new BinaryWriter().tag(field, WireType.LengthDelimited).string(value).finish();
  return callOnce(peer, `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, bytes);
}

/** Every value of a field of length-delimited type. */
function fieldsOf(message: Uint8Array, wanted: number): readonly Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) {
      found.push(reader.bytes());
    } else {
      reader.skip(wireType, field);
    }
  }
  return found;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
