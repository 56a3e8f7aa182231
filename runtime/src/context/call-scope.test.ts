// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type CallScopeOptions, currentCallScope, runInCallScope } from "./call-scope.ts";

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

test.each([
  [{ timeoutMs: "5000" }, "a timeoutMs that is a string; write a number of milliseconds"],
  [{ signal: new AbortController() }, "a signal that is no AbortSignal"],
  [{ headers: "x-tenant: acme" }, 'headers that are a string; write an object, e.g. { "x-tenant": "acme" }'],
  [{ caller: "orders" }, "a caller that is a string; write { scheme, subject, claims }"],
  [undefined, "options that are undefined; write an object, e.g. { timeoutMs: 500 }"],
  [null, "options that are null; write an object, e.g. { timeoutMs: 500 }"],
])("runInCallScope() refuses options of a wrong kind before work begins: %o", (options, problem) => {
  let begun = false;
  const run = () => runInCallScope(options as unknown as CallScopeOptions, () => (begun = true));
  expect(run).toThrow(`[invalid_argument] runInCallScope() was called with ${problem}`);
  expect(begun).toBe(false);
});

test("runInCallScope() leaves alone what is left out, and names that it does not know", () => {
  const options = { timeoutMs: undefined, signal: undefined, headers: undefined, caller: undefined, name: "nightly" };
  expect(runInCallScope(options, () => currentCallScope()?.deadlineAtMs)).toBe(undefined);
});
