// SPDX-License-Identifier: Apache-2.0

export type { FileSet, ProtoFile } from "./file-set.ts";
export type { FixedAnswer } from "./launcher.ts";
export { fixedAnswers, printAnswersModule, printPosixLauncher } from "./launcher.ts";
export type { Location } from "./location.ts";
export { locationOf } from "./location.ts";
export type { Option, OptionInit, OptionReader, OptionValue } from "./option.ts";
export { choiceOption, flagOption, integerOption, numberOption, textListOption } from "./option.ts";
export type { Category, PluginSpec } from "./plugin-spec.ts";
export { SpecError, validateSpec } from "./plugin-spec.ts";
export type { RpcErrorCode } from "./pluginrpc/rpc-error.ts";
export { RpcError } from "./pluginrpc/rpc-error.ts";
export type { CheckRequest, Finding, Report, Rule, RuleInit } from "./rule.ts";
export { breakingRule, lintRule } from "./rule.ts";
export { runPlugin } from "./run-plugin.ts";
