// SPDX-License-Identifier: Apache-2.0
// Makes the calls of the interop run with grpc-js and its own retry. usage: client <service config file> <port> <port> <port>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Client, credentials, Metadata, status as Status } from "@grpc/grpc-js";

const [file = "", ...ports] = process.argv.slice(2);
const target = `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
const client = new Client(target, credentials.createInsecure(), { "grpc.service_config": readFileSync(file, "utf8") });
const asIs = (bytes: Buffer): Buffer => bytes;

function call(method: string): Promise<{ code: string; ms: number }> {
  const startedAtMs = performance.now();
  const end = (code: number): { code: string; ms: number } => ({
    code: Status[code] ?? String(code),
    ms: Math.round(performance.now() - startedAtMs),
  });
  return new Promise((resolve) => {
    const metadata = new Metadata({ waitForReady: true });
    const options = { deadline: Date.now() + 5000 };
    client.makeUnaryRequest(
      `/interop.v1.Interop/${method}`,
      asIs,
      asIs,
      Buffer.from("node"),
      metadata,
      options,
      (error) => resolve(end(error?.code ?? Status.OK)),
    );
  });
}

await call("Spread");
await new Promise((resolve) => setTimeout(resolve, 500));
const slow = await call("Slow");
const flaky = await call("Flaky");
let spread = 0;
for (let i = 0; i < 60; i++) {
  spread += (await call("Spread")).code === "OK" ? 1 : 0;
}
const { version } = createRequire(import.meta.url)("@grpc/grpc-js/package.json") as { version: string };
console.log(JSON.stringify({ version, slow, flaky, spread }));
client.close();
