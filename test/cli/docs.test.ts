// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFileRegistry } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { createTestAuthority } from "../support/certificates.ts";
import { compileDescriptors } from "../support/compile.ts";
import { DnsServer } from "../support/dns-server.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { root } from "../support/run-command.ts";
import { startDoctorServer } from "./doctor/doctor-server.ts";
import type { Shop } from "./doctor/shop.ts";
import { createWorkspace } from "./run-cli.ts";

const page = readFileSync(join(root, "docs/cli.md"), "utf8");

/** The codes that the sources can report: the word after `code:`, and what the readers of configs hand to `report`. */
function codesInSources(): readonly string[] {
  const files = globSync(["contract/src/import/*.ts", "cli/src/import/*.ts"], { cwd: root });
  const texts = files
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, file), "utf8"));
  const codes = texts.flatMap((text) => [
    ...text.matchAll(/\bcode: "([a-z-]+)"/g),
    ...text.matchAll(/\b(?:note|leftOut)\(\s*"([a-z-]+)"/g),
    ...text.matchAll(/\breport\(\s*"(?:error|warning)",\s*"([a-z-]+)"/g),
  ]);
  return [...new Set(codes.map(([, code = ""]) => code))].sort();
}

test("docs/cli.md lists every code of the report, and no other", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, code = ""]) => code),
  );
  expect(listed.toSorted()).toEqual(codesInSources());
});

test("docs/cli.md shows what verify really prints", async () => {
  const [example] = docBlocks(page).filter(({ language }) => language === "text");
  const greeting = readFileSync(join(root, "examples/greeting/proto/greeting.proto"), "utf8");
  using workspace = createWorkspace({ "greeting.proto": greeting });
  const file = "GreetingService.grpc_service_config.json";
  const emitted = readFileSync(join(root, "generated", file), "utf8");
  workspace.write(`gen/${file}`, emitted.replace("0.800000000s", "0.900000000s"));
  const { code, stdout } = await workspace.talaria("verify", "gen");
  expect([code, stdout.split("\n")[0]]).toEqual([1, example?.text.trimEnd()]);
});

test.runIf(process.platform === "linux")("docs/cli.md shows what doctor really prints", async () => {
  const greeting = readFileSync(join(root, "examples/greeting/proto/greeting.proto"), "utf8");
  const authority = await createTestAuthority("Shop authority");
  const dayMs = 86_400_000;
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 40 * dayMs) };
  await using dns = await DnsServer.start();
  await using server = await startDoctorServer(greetingShop(greeting), {
    tls: await authority.issue([{ type: "dns", value: "greeting.svc" }], validity),
    health: { "": "SERVING", GreetingService: "SERVING" },
    reflection: { version: "v1", shop: greetingShop(greeting.replace("800", "900")) },
  });
  dns.set("greeting.svc", [{ name: "greeting.svc", type: "CNAME", ttl: 60, data: "lb.svc" }]);
  dns.setAddresses("lb.svc", ["127.0.0.1", "127.0.0.2"], 5);
  using workspace = createWorkspace({ "proto/greeting.proto": greeting, "ca.pem": authority.ca });
  workspace.write("proto/service_client_config.proto", workspace.read("service_client_config.proto"));
  const target = `dns://${dns.address}/greeting.svc:${server.port}`;
  const { code, stdout } = await workspace.talaria("doctor", "--proto", "proto", "--ca", "ca.pem", target);
  const shown = stdout
    .replaceAll(dns.address, "10.0.0.53:53")
    .replaceAll("connected from 127.0.0.1", "connected from 10.0.0.7")
    .replaceAll(`:${server.port}`, ":443")
    .replaceAll("127.0.0.", "10.0.0.");
  const example = docBlocks(page).find(({ name }) => name === "doctor");
  expect([code, withoutTimes(shown)]).toEqual([1, withoutTimes(example?.text ?? "")]);
});

function greetingShop(text: string): Shop {
  const descriptors = compileDescriptors({ "greeting.proto": text });
  const service = createFileRegistry(descriptors).getService("GreetingService");
  if (service === undefined) {
    throw new Error("the example has no GreetingService");
  }
  return { descriptors, service };
}

/** Times, and the columns that they widen, differ from run to run. */
function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "DATE")
    .replace(/[\d.]+ ms(?= {2}|$|\n)/gm, "TIME")
    .replace(/ +/g, " ");
}
