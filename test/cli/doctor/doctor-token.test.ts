// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "../../support/certificates.ts";
import { type DoctorServer, startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, shopName, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();
const secret = "eyJhbGciOi.Tg3_~+/secret==";
const health = { "": "SERVING", [shopName]: "SERVING" } as const;
const tokenFile = ["--token-file", clinic.write("token", `\uFEFF ${secret}\n`)];
const inClear = ["--plaintext", "--token-over-plaintext"];

let authority: TestAuthority;
let ca: readonly string[];

beforeAll(async () => {
  authority = await createTestAuthority();
  ca = ["--ca", clinic.write("ca.pem", authority.ca)];
});

async function startTls(token = secret): Promise<DoctorServer> {
  const tls = await authority.issue([
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
  ]);
  return startDoctorServer(shop, { tls, token, health, reflection: { version: "v1", shop } });
}

describe("talaria doctor, with a token", () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["a file", tokenFile, {}],
    ["a variable", ["--token-env", "SHOP_TOKEN"], { SHOP_TOKEN: secret }],
  ])("takes it from %s; health and reflection carry it, and it is never shown", async (_, options, env) => {
    await using server = await startTls();
    const args = [...ca, ...options, "--service", shopName, server.address];
    for (const format of ["text", "json"]) {
      const result = await clinic.doctor(["--format", format, ...args], { env: { ...process.env, ...env } });
      expect(result).toMatchObject({ code: 0, stderr: "" });
      expect(result.stdout).not.toContain(secret);
    }
    const paths = ["/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"];
    expect(new Set(server.calls)).toEqual(new Set(paths));
    expect(new Set(server.authorizations)).toEqual(new Set([`Bearer ${secret}`]));
  });

  test("without it, is refused, and says what to pass", async () => {
    await using server = await startTls();
    const result = await clinic.doctor([...ca, server.address]);
    expect(lineOf(result, "health")).toBe('! the server as a whole UNAUTHENTICATED: nobody knows ""');
    expect(lineOf(result, "contract")).toMatch(/^- the server refuses reflection: UNAUTHENTICATED /);
    expect(result.stdout.match(/Pass the token of a caller: --token-file FILE, or --token-env NAME\.\n/g)).toHaveLength(
      2,
    );
    expect(new Set(server.authorizations)).toEqual(new Set([""]));
  });

  test("does not show it when a server repeats it", async () => {
    await using server = await startTls("another");
    const result = await clinic.doctor([...ca, ...tokenFile, server.address]);
    expect(lineOf(result, "health")).toBe('! the server as a whole UNAUTHENTICATED: nobody knows "Bearer [token]"');
    expect(result.stdout).not.toContain("Pass the token");
    await using gossip = await startDoctorServer(shop, { reflection: { version: "v1", shop, lists: [secret] } });
    const json = await clinic.doctor(["--format", "json", ...inClear, ...tokenFile, gossip.address]);
    for (const text of [result.stdout, result.stderr, json.stdout, json.stderr]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.parse(json.stdout).checks[5].data.services).toEqual(["[token]"]);
  });

  test("sends it to no server whose certificate a client refuses", async () => {
    await using server = await startTls();
    const result = await clinic.doctor([...tokenFile, server.address]);
    expect([result.code, server.calls]).toEqual([1, []]);
  });

  test("asks for a watch with it, which holds the call of a probe open", async () => {
    const often = compileShop(
      shopText("transport_security { mode: PLAINTEXT } keepalive { time_millis: 100 server_min_time_millis: 100 }"),
    );
    await using server = await startDoctorServer(often, { health, token: secret });
    const probe = [...clinic.image(often), "--keepalive-probe", "1", "--token-over-plaintext"];
    await clinic.doctor([...probe, ...tokenFile, server.address]);
    expect(server.calls).toContain("/grpc.health.v1.Health/Watch");
    expect(new Set(server.authorizations)).toEqual(new Set([`Bearer ${secret}`]));
  });
});

describe("talaria doctor, with a token and without TLS", () => {
  test.each<[string, readonly string[], string]>([
    ["--plaintext", ["--plaintext"], "--plaintext connects without TLS"],
    ["the contract", clinic.image(shop), "the transport security of shop.v1.Orders is PLAINTEXT"],
  ])("refuses to send it where %s says so", async (_, options, why) => {
    await using server = await startDoctorServer(shop, { health });
    const result = await clinic.doctor([...options, ...tokenFile, server.address]);
    expect(result).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(`in the clear, because ${why}`),
    });
    expect(result.stderr).toContain("--token-over-plaintext");
    expect(server.calls).toEqual([]);
  });

  test("sends it when told to, and says so loudly", async () => {
    await using server = await startDoctorServer(shop, { health, token: secret });
    const result = await clinic.doctor([...inClear, ...tokenFile, server.address]);
    expect(result.code).toBe(0);
    expect(result.stderr).toBe(
      `talaria: WARNING: the token is sent to ${server.address} without TLS. Everybody on the way can read it: do not use it again.\n`,
    );
    expect(lineOf(result, "tls")).toBe("! no TLS: plaintext; the token is sent in the clear");
    expect(lineOf(result, "health")).toBe("✓ the server as a whole SERVING");
  });
});

describe("talaria doctor, with a token that is none", () => {
  const where = "Pass where the token is, not the token.";
  test.each<[string, readonly string[], string]>([
    ["two places", [...tokenFile, "--token-env", "A"], "either --token-file or --token-env"],
    ["a file that is not there", ["--token-file", secret], "cannot be read (ENOENT). Pass a path, not the token."],
    ["a folder", ["--token-file", "."], "cannot be read (EISDIR)"],
    ["an empty file", ["--token-file", clinic.write("empty", " \n")], `--token-file names is empty. ${where}`],
    ["a variable that is not set", ["--token-env", secret], `--token-env names is not set. ${where}`],
    ["more than a token", ["--token-file", clinic.write("header", `Bearer ${secret}`)], 'alone, without "Bearer"'],
    ["leave without a token", ["--token-over-plaintext"], "there is none: pass --token-file FILE"],
    ["the command line", ["--token", secret], "talaria doctor has no option --token. "],
    ["the command line, in one word", [`--token=${secret}`], "talaria doctor has no option --token. "],
  ])("%s: says what to write instead, and repeats nothing", async (_, options, message) => {
    const { code, stdout, stderr } = await clinic.doctor([...options, "localhost:1"]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
    expect(stderr).not.toContain(secret);
  });
});
