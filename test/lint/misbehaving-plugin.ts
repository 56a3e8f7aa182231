// SPDX-License-Identifier: Apache-2.0
// A plugin made with the SDK whose rule reports each service once and misbehaves as the environment says.
import fs, { closeSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import type { PluginSpec } from "../../lint/src/bufplugin/plugin-spec.ts";
import { lintRule, type Report } from "../../lint/src/bufplugin/rule.ts";
import { runPlugin } from "../../lint/src/bufplugin/run-plugin.ts";

const { BEHAVIOUR: behaviour = "" } = process.env;

const onLoad: Readonly<Record<string, () => void>> = {
  "throws on load": () => {
    throw new Error("cannot load\nfor two reasons");
  },
  "prints on load": () => console.log("loading"),
  // Creating the stream makes the pipe non-blocking: reads fail with EAGAIN when buf is slower than Node.
  "touches stdin": () => process.stdin.isTTY,
  // As a parent that shares a non-blocking pipe: writes fail with EAGAIN when buf is slower than Node.
  "has a non-blocking stdout": () => new Socket({ fd: 1, readable: false }).unref(),
};

const onCheck: Readonly<Record<string, (report: Report) => unknown>> = {
  throws: () => {
    throw new Error("cannot check");
  },
  rejects: () => Promise.reject(new Error("cannot check later")),
  "fails outside": () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error("cannot check outside");
      });
    }),
  "never ends": () => new Promise(() => {}),
  "exits with 0": () => process.exit(0),
  "is killed": () => process.kill(process.pid, "SIGKILL"),
  "prints with console.log": () => console.log("checking"),
  "prints with process.stdout": () => process.stdout.write("checking\n"),
  "prints to the descriptor": () => writeSync(1, "checking\n"),
  "closes stdout": () => closeSync(1),
  "writes byte by byte": () => replaceWrite((write, fd, bytes, start) => write(fd, bytes, start, 1)),
  "breaks off": () =>
    replaceWrite((write, fd, bytes) => {
      write(fd, bytes, 0, bytes.length >> 1);
      throw new Error("EPIPE: broken pipe, write");
    }),
  "is killed while it writes": () =>
    replaceWrite((write, fd, bytes) => {
      const count = write(fd, bytes, 0, bytes.length >> 1);
      process.kill(process.pid, "SIGKILL");
      return count;
    }),
  "says nothing": (report) => report({ at: { file: "shop.proto", sourcePath: [] }, message: "" }),
  "points nowhere": (report) => report({ at: { file: "gone.proto", sourcePath: [] }, message: "Gone." }),
};

type Write = (fd: number, bytes: Uint8Array, start: number, length?: number) => number;

/** Lets something else happen in place of each write to stdout. */
function replaceWrite(replacement: (write: Write, fd: number, bytes: Uint8Array, start: number) => number): void {
  const write: Write = fs.writeSync;
  const replaced: Write = (fd, bytes, start) =>
    fd === 1 ? replacement(write, fd, bytes, start) : write(fd, bytes, start);
  Object.assign(fs, { writeSync: replaced });
}

const spec: PluginSpec = {
  name: "buf-plugin-misbehaving",
  documentation: "Misbehaves.",
  license: { spdxId: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  categories: [{ id: "MISBEHAVING", purpose: "Checks buf." }],
  rules: [
    lintRule({
      id: behaviour === "has a wrong spec" ? "misbehaving" : "MISBEHAVING_RULE",
      purpose: "Checks that buf fails.",
      categories: ["MISBEHAVING"],
      async check({ current }, report) {
        for (const service of current.services) {
          report({ at: service, message: `Found ${service.name}. ${"x".repeat(200)}` });
        }
        await onCheck[behaviour]?.(report);
      },
    }),
  ],
};

async function load(): Promise<PluginSpec> {
  onLoad[behaviour]?.();
  return spec;
}

runPlugin("buf-plugin-misbehaving", load);
