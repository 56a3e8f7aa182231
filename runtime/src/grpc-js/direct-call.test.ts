// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { Code } from "@connectrpc/connect";
import { connect, contractOf, createServiceClient, endpoints } from "@talaria/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EchoClient, echoService, failureOf } from "../../../test/e2e/echo.ts";

/** What the server does to a request. */
type Answer = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

let server: Http2Server;
let target: string;
let answer: Answer;
let seen: IncomingHttpHeaders[];
let received: Buffer[];
let resets: number[];
let sessions: Set<ServerHttp2Session>;

beforeEach(async () => {
  seen = [];
  received = [];
  resets = [];
  sessions = new Set();
  answer = ok;
  server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    seen.push(headers);
    stream.on("error", () => undefined);
    stream.on("close", () => resets.push(stream.rstCode));
    stream.on("data", (chunk: Buffer) => received.push(chunk));
    answer(stream, stream.session as ServerHttp2Session);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  target = `dns:///127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const session of sessions) {
    session.destroy();
  }
  server.close();
  await once(server, "close");
});

async function open(options = "response_timeout_millis: 5000", at = target): Promise<EchoClient> {
  const client = createServiceClient(contractOf(echoService({ service: options })), { target: at });
  await connect(client);
  return client as unknown as EchoClient;
}

/** A message of the echo service. */
function message(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
}

function frame(bytes: Buffer, packed = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = packed;
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

function respond(stream: ServerHttp2Stream, body: Buffer, encoding?: string): void {
  const headers = encoding === undefined ? {} : { "grpc-encoding": encoding };
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto", "grpc-accept-encoding": "gzip", ...headers },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(body);
}

function ok(stream: ServerHttp2Stream): void {
  respond(stream, frame(message("ok")));
}

describe("a unary call on a connection that is ready", () => {
  test("carries what a call through the channel carries", async () => {
    await using client = await open();
    const headers: Headers[] = [];
    const response = await client.unary(
      { text: "hello" },
      { headers: { "x-tenant": "7" }, onHeader: (header) => headers.push(header) },
    );
    expect(response.text).toBe("ok");
    expect(Buffer.concat(received)).toEqual(frame(message("hello")));
    expect(seen[0]).toMatchObject({
      ":method": "POST",
      ":path": "/echo.v1.Echo/Unary",
      ":authority": target.slice("dns:///".length),
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-accept-encoding": "identity,deflate,gzip",
      "accept-encoding": "identity",
      "x-tenant": "7",
    });
    expect(seen[0]?.["user-agent"]).toMatch(/^talaria\//);
    expect(seen[0]?.["grpc-timeout"]).toMatch(/^\d+m$/);
    const timeoutMs = Number.parseInt(String(seen[0]?.["grpc-timeout"]), 10);
    expect(timeoutMs).toBeGreaterThan(3000);
    expect(timeoutMs).toBeLessThanOrEqual(5000);
    // Between the libraries, and not for applications.
    expect(headers[0]?.has("grpc-accept-encoding")).toBe(false);
  });

  test("tells no timeout when there is none, and one of more than eight digits in seconds", async () => {
    await using client = await open("");
    await client.unary({ text: "" });
    await client.unary({ text: "" }, { timeoutMs: 200_000_000 });
    expect(seen[0]).not.toHaveProperty("grpc-timeout");
    expect(seen[1]?.["grpc-timeout"]).toBe("200000S");
  });

  test.each([
    [2_147_482_000, "2147482S"],
    [2_147_483_000, "2147483S"],
    [2_147_483_001, "2147483S"],
    [2_147_483_647, "2147483S"],
    [2_147_483_648, "2147483S"],
    [1e15, "2147483S"],
  ])(
    "tells of %d ms as %s: the timer of a server on Node.js runs for 2147483647 ms at most",
    async (timeoutMs, told) => {
      await using direct = await open("");
      await direct.unary({ text: "" }, { timeoutMs });
      // Not connected yet, so its call waits in the channel.
      await using waiting = createServiceClient(contractOf(echoService({ service: "" })), { target });
      await (waiting as unknown as EchoClient).unary({ text: "" }, { timeoutMs });
      expect(seen.map((headers) => headers["grpc-timeout"])).toEqual([told, told]);
    },
  );

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ])("reads a response in %s", async (encoding, pack) => {
    answer = (stream) => respond(stream, frame(pack(message("packed")), 1), encoding);
    await using client = await open();
    const headers: Headers[] = [];
    const response = await client.unary({ text: "" }, { onHeader: (header) => headers.push(header) });
    expect(response.text).toBe("packed");
    expect(headers[0]?.has("grpc-encoding")).toBe(false);
  });

  test.each([
    [
      "is said to be packed and is not",
      frame(message("x"), 1),
      undefined,
      Code.Internal,
      /its encoding is said to be identity/,
    ],
    ["is packed as nobody knows", frame(message("x"), 1), "br", Code.Internal, /its encoding is said to be br/],
    ["is packed as an object calls itself", frame(message("x"), 1), "constructor", Code.Internal, /to be constructor/],
    ["is packed as an object does", frame(message("x"), 1), "toString", Code.Internal, /to be toString/],
    ["cannot be unpacked", frame(message("x"), 1), "gzip", Code.Internal, /Failed to decompress gzip-encoded message/],
    [
      "is too large when it is unpacked",
      frame(gzipSync(Buffer.alloc(5_000_000)), 1),
      "gzip",
      Code.ResourceExhausted,
      /decompresses to a size larger than 4194304/,
    ],
  ])("fails when a response %s, and counts as ended", async (_, body, encoding, code, text) => {
    answer = (stream) => respond(stream, body, encoding);
    await using client = await open();
    const error = await failureOf(client.unary({ text: "" }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });

  test("is made once more when the server refuses its stream, and not twice", async () => {
    answer = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
    await using client = await open();
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ code: Code.Unavailable });
    expect(seen).toHaveLength(2);

    seen = [];
    answer = (stream) => {
      if (seen.length === 1) {
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
      } else {
        ok(stream);
      }
    };
    expect((await client.unary({ text: "" })).text).toBe("ok");
    expect(seen).toHaveLength(2);
    expect(seen.map((headers) => headers["grpc-previous-rpc-attempts"])).toEqual([undefined, undefined]);
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });

  test("ends at its deadline, and at the server too", async () => {
    answer = () => undefined;
    await using client = await open("response_timeout_millis: 200");
    const startedAtMs = performance.now();
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "deadline_exceeded" });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(199);
    await expect.poll(() => resets).toEqual([constants.NGHTTP2_CANCEL]);
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });

  test("ends at the server when its caller cancels it", async () => {
    const cancel = new AbortController();
    answer = () => cancel.abort();
    await using client = await open();
    expect(await failureOf(client.unary({ text: "" }, { signal: cancel.signal }))).toMatchObject({
      reason: "cancelled",
    });
    await expect.poll(() => resets).toEqual([constants.NGHTTP2_CANCEL]);
  });

  test("is one that was lost, when the connection is", async () => {
    answer = (_, session) => session.destroy();
    await using client = await open();
    const error = await failureOf(client.unary({ text: "" }));
    expect(error).toMatchObject({ reason: "connection_lost", code: Code.Unavailable });
    expect(error).toMatchObject({ attempts: [{ peer: target.slice("dns:///".length), code: "UNAVAILABLE" }] });
    // The next waits for another connection.
    answer = ok;
    expect((await client.unary({ text: "" })).text).toBe("ok");
  });

  test("waits for another connection after a GOAWAY", async () => {
    await using client = await open();
    for (let round = 0; round < 20; round += 1) {
      for (const session of sessions) {
        session.close();
      }
      const answers = await Promise.all([client.unary({ text: "" }), client.unary({ text: "" })]);
      expect(answers.map(({ text }) => text)).toEqual(["ok", "ok"]);
    }
  });

  test("is tried again, although it may do harm twice, when its connection was gone before it was sent", async () => {
    await using client = await open("response_timeout_millis: 5000 retry { initial_backoff_millis: 50 }");
    let session: ClientHttp2Session | undefined;
    const onStream = (event: unknown): void => {
      session = (event as { stream: ClientHttp2Stream }).stream.session as ClientHttp2Session;
    };
    subscribe("http2.client.stream.start", onStream);
    await client.unary({ text: "" });
    unsubscribe("http2.client.stream.start", onStream);
    session?.destroy();
    // Nobody has told the balancer yet.
    expect(endpoints(client)[0]?.state).toBe("READY");
    expect((await client.unary({ text: "" })).text).toBe("ok");
    expect(seen).toHaveLength(2);
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });

  test.each<[string, [string, string][]]>([
    [
      '"authorization" has more than one value',
      [
        ["authorization", "a"],
        ["authorization", "b"],
      ],
    ],
    [
      '"from" has more than one value',
      [
        ["From", "a"],
        ["from", "b"],
      ],
    ],
    ['"x:y" cannot be sent', [["x:y", "a"]]],
  ])("is refused, and hurts no connection, when %s", async (why, headers) => {
    await using client = await open();
    expect(await failureOf(client.unary({ text: "" }, { headers }))).toMatchObject({
      code: Code.InvalidArgument,
      message: expect.stringContaining(why),
    });
    expect(seen).toHaveLength(0);
    expect(sessions.size).toBe(1);
    expect(endpoints(client)[0]?.state).toBe("READY");
  });
});

describe("a unary call through the channel", () => {
  /** A client all of whose calls take that way. */
  const openOther = (options?: string): Promise<EchoClient> => open(options, target.replace("dns:///", "ipv4:"));

  test("fails when its response is packed and does not say how", async () => {
    answer = (stream) => respond(stream, frame(message("x"), 1));
    await using client = await openOther();
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({
      code: Code.Internal,
      message: expect.stringContaining("the response is compressed, but not as its headers say"),
    });
  });

  test("ends at the server when it is cancelled in the turn that it is made in", async () => {
    answer = (stream) => seen.at(-1)?.["x-answer"] && ok(stream);
    const cancel = new AbortController();
    await using client = await openOther();
    const failure = failureOf(client.unary({ text: "" }, { signal: cancel.signal }));
    cancel.abort();
    expect(await failure).toMatchObject({ reason: "cancelled" });
    await client.unary({ text: "" }, { headers: { "x-answer": "yes" } });
    await expect.poll(() => resets.length).toBe(seen.length);
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });
});

describe("a stream", () => {
  test("fails when a response is packed and does not say how", async () => {
    answer = (stream) => respond(stream, frame(message("x"), 1));
    await using client = await open();
    expect(await failureOf(client.server({ text: "" }))).toMatchObject({
      code: Code.Internal,
      message: expect.stringContaining("the response is compressed, but not as its headers say"),
    });
  });

  test("ends at the server when it is cancelled in the turn that it is made in", async () => {
    answer = (stream) => seen.at(-1)?.["x-answer"] && ok(stream);
    const cancel = new AbortController();
    await using client = await open();
    const failure = failureOf(client.server({ text: "" }, { signal: cancel.signal }));
    cancel.abort();
    expect(await failure).toMatchObject({ reason: "cancelled" });
    await client.unary({ text: "" }, { headers: { "x-answer": "yes" } });
    await expect.poll(() => resets.length).toBe(seen.length);
    expect(endpoints(client)[0]?.inFlight).toBe(0);
  });

  test("tells a timeout longer than a timer runs as the longest", async () => {
    await using client = await open("");
    const texts: string[] = [];
    for await (const { text } of client.server({ text: "" }, { timeoutMs: Number.MAX_SAFE_INTEGER })) {
      texts.push(text);
    }
    expect(texts).toEqual(["ok"]);
    expect(seen[0]?.["grpc-timeout"]).toBe("2147483S");
  });
});

test.each(["dns:///", "ipv4:"])("a timeout longer than a timer runs is told as the longest at %s", async (scheme) => {
  await using client = await open("", target.replace("dns:///", scheme));
  expect((await client.unary({ text: "" }, { timeoutMs: Number.MAX_SAFE_INTEGER })).text).toBe("ok");
  expect(seen[0]?.["grpc-timeout"]).toBe("2147483S");
});
