// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test, vi } from "vitest";
import { startHttp2, startTcp } from "./raw-servers.ts";
import { compileShop, lineOf, openClinic, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

describe("talaria doctor, of what does not speak gRPC", () => {
  test("leaves a server that accepts and stays mute within the connect timeout", async () => {
    await using mute = await startTcp(() => {});
    const impatient = compileShop(
      shopText("transport_security { mode: PLAINTEXT } connection { connect_timeout_millis: 150 }"),
    );
    const plain = await clinic.doctor([...clinic.image(impatient), mute.address]);
    expect(plain.code).toBe(1);
    expect(lineOf(plain, "http2")).toMatch(
      /^✗ no HTTP\/2 settings: the server accepts the connection and stays mute \(\d+ ms\)$/,
    );
    const secure = await clinic.doctor(["--timeout-ms", "150", mute.address]);
    expect(lineOf(secure, "tls")).toMatch(/^✗ no TLS handshake: the server accepts TCP and stays mute \(\d+ ms\)$/);
    await vi.waitFor(() => expect(mute.open()).toBe(0));
  });

  test("says that something else than gRPC answers", async () => {
    await using http1 = await startTcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const other = await clinic.doctor(["--plaintext", http1.address]);
    expect(lineOf(other, "http2")).toMatch(/^✗ /);
    expect(other.stdout).toContain("A server that wants TLS, or HTTP/1.1, looks like this, too");
    await using reset = await startTcp((socket) => socket.resetAndDestroy());
    for (const options of [["--plaintext"], []]) {
      const { code, stdout } = await clinic.doctor([...options, reset.address]);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/✗ (?:tcp|tls|http2) .*(?:ECONNRESET|closed)/)]);
    }
    await using http2 = await startHttp2((_, response) => {
      response.writeHead(503, { "content-type": "text/html" });
      response.end("no");
    });
    const result = await clinic.doctor(["--plaintext", http2.address]);
    expect([result.code, lineOf(result, "health")]).toEqual([
      1,
      "✗ HTTP 503 with content-type text/html answers: that is no gRPC server",
    ]);
  });
});
