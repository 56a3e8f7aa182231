// SPDX-License-Identifier: Apache-2.0
export { answerRequest } from "./answer-request.ts";
export { type ByteSource, createByteSource, type ReadInto, sourceOf } from "./byte-source.ts";
