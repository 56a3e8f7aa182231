// SPDX-License-Identifier: Apache-2.0
export { answerRequest, type RequestAnswer } from "./answer-request.ts";
export { documentOptions } from "./options.ts";
export { version } from "./version.ts";
