// SPDX-License-Identifier: Apache-2.0
export { answerRequest, type RequestAnswer } from "./answer-request.ts";
