// SPDX-License-Identifier: Apache-2.0

export type { Clock, Random, Timer } from "../clock.ts";
export type { HeaderInit } from "../wire.ts";
export {
  type AnswerOptions,
  type FailOptions,
  fail,
  loseConnection,
  type ReplyAllOptions,
  type ReplyOptions,
  refuseConnection,
  reply,
  replyAll,
  type ScriptedAnswer,
  type ScriptedEnd,
  staySilent,
} from "./answer.ts";
export { openScriptedClient, type ScriptedClient, type ScriptedClientOptions } from "./open-scripted-client.ts";
export { ScriptedServer } from "./scripted-server.ts";
export type { SeenAttempt, SeenEnd } from "./seen-attempt.ts";
export type { MethodScript, ServiceScript } from "./service-script.ts";
export { VirtualClock } from "./virtual-clock.ts";
