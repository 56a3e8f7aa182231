// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { CommandError, parseCommand } from "./parse-command.ts";

describe("parseCommand()", () => {
  it.each([
    [["--protocol"], { kind: "protocol" }],
    [["--spec", "--format", "binary"], { kind: "spec", format: "binary" }],
    [["--format=json", "--spec"], { kind: "spec", format: "json" }],
    [["check", "--format", "binary"], { kind: "call", args: ["check"], format: "binary" }],
    [["--format", "json", "list", "rules"], { kind: "call", args: ["list", "rules"], format: "json" }],
    [["check"], { kind: "call", args: ["check"], format: "binary" }],
    [["check", "-h"], { kind: "help" }],
    [["--help"], { kind: "help" }],
  ])("reads %j", (argv, command) => {
    expect(parseCommand(argv)).toEqual(command);
  });

  it.each([
    [[], "nothing was asked"],
    [["--spec", "--protocol"], "cannot be asked for together"],
    [["--protocol", "check"], '--protocol takes no arguments, got "check"'],
    [["check", "--format"], '--format must be "binary" or "json", got nothing'],
    [["check", "--format=text"], 'got "text"'],
    [["check", "--verbose"], 'unknown flag "--verbose"'],
  ])("refuses %j", (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(CommandError);
    expect(() => parseCommand(argv)).toThrow(message);
  });
});
