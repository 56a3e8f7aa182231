// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { currentCallScope, runInCallScope } from "./call-scope.ts";

/** What the scope of a request knows of its headers. */
function seen(): string {
  const headers = currentCallScope()?.headers;
  return `${headers?.get("x-tenant")}, ${headers?.get("set-cookie")}`;
}

test("runInCallScope() takes the headers of a request over HTTP/1.1 as Node.js has them", async () => {
  const server = createServer(({ headers }, response) => runInCallScope({ headers }, () => response.end(seen())));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { "x-tenant": "acme", "set-cookie": "a=1" };
  expect(await (await fetch(`http://127.0.0.1:${port}`, { headers })).text()).toBe("acme, a=1");
  server.close();
});

test("runInCallScope() takes the headers of a request over HTTP/2 as Node.js has them", async () => {
  const server = createHttp2Server(({ headers }, response) => {
    runInCallScope({ headers }, () => response.end(seen()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ "x-tenant": "acme", "set-cookie": ["a=1", "b=2"] });
  expect(await text(stream)).toBe("acme, a=1, b=2");
  session.close();
  server.close();
});

test.each([
  ["Headers", new Headers({ "x-tenant": "acme" })],
  ["pairs", [["x-tenant", "acme"]] satisfies [string, string][]],
  ["an object", { "X-Tenant": "acme" }],
])("runInCallScope() takes headers as %s", (_, headers) => {
  expect(runInCallScope({ headers }, () => currentCallScope()?.headers.get("x-tenant"))).toBe("acme");
});
