// SPDX-License-Identifier: Apache-2.0
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { status as Status } from "@grpc/grpc-js";

/** What a response message may have at most, as grpc-js has it. */
const mostBytes = 4 * 1024 * 1024;

/** By names that come from servers: not an object, which would know `constructor` too. */
const unpackers: ReadonlyMap<string, (packed: Buffer) => Promise<Buffer>> = new Map([
  ["deflate", (packed) => promisify(inflate)(packed, { maxOutputLength: mostBytes })],
  ["gzip", (packed) => promisify(gunzip)(packed, { maxOutputLength: mostBytes })],
]);

/** Why a message cannot be decompressed, as a gRPC status. */
export interface UnpackFailure {
  readonly code: Status;
  readonly details: string;
}

/** Decompresses a message, which came with this `grpc-encoding`. */
export async function unpack(packed: Buffer, encoding = "identity"): Promise<Buffer | UnpackFailure> {
  const unpacker = unpackers.get(encoding);
  if (unpacker === undefined) {
    return { code: Status.INTERNAL, details: `the response is compressed, but its encoding is said to be ${encoding}` };
  }
  try {
    return await unpacker(packed);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
      ? {
          code: Status.RESOURCE_EXHAUSTED,
          details: `Received message that decompresses to a size larger than ${mostBytes}`,
        }
      : { code: Status.INTERNAL, details: `Failed to decompress ${encoding}-encoded message` };
  }
}
