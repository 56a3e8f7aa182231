// SPDX-License-Identifier: Apache-2.0
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type Any, anyIs, anyUnpack } from "@bufbuild/protobuf/wkt";
import { RpcError } from "./rpc-error.ts";

/** Something that can be asked of a plugin. */
export interface Procedure {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The arguments that select it on the command line. */
  readonly args: readonly string[];
  /** The type of the request. */
  readonly input: DescMessage;
  /** The type of the response. */
  readonly output: DescMessage;
  /**
   * Answers a request; an absent one is an empty message.
   *
   * @throws RpcError when the request is of another type.
   */
  call(request: Any | undefined): Message | Promise<Message>;
}

/** A procedure for a unary method of a generated service. */
export function createProcedure<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  args: readonly string[],
  handler: (request: MessageShape<I>) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
): Procedure {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    args,
    input: method.input,
    output: method.output,
    async call(request) {
      return create(method.output, await handler(unpack(method.input, request)));
    },
  };
}

function unpack<I extends DescMessage>(schema: I, any: Any | undefined): MessageShape<I> {
  if (any === undefined) {
    return create(schema);
  }
  const message = anyIs(any, schema) ? anyUnpack(any, schema) : undefined;
  if (message === undefined) {
    throw new RpcError("INVALID_ARGUMENT", `expected a ${schema.typeName}, got "${any.typeUrl}"`);
  }
  return message;
}
