// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "../../support/certificates.ts";
import { type DoctorServerOptions, startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, type Shop, shopName, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const dayMs = 86_400_000;
const spiffe = "spiffe://shop.test/orders-7";
const sharded = compileShop(shopText('transport_security { server_identity: "spiffe://shop.test/orders-{shard}" }'));
const named = compileShop(shopText('transport_security { server_identity: "orders.shop.test" }'));
const mutual = compileShop(shopText("transport_security { mode: MUTUAL_TLS }"));
const health = { "": "SERVING", [shopName]: "SERVING" } as const;

let authority: TestAuthority;
let ca: readonly string[];

beforeAll(async () => {
  authority = await createTestAuthority();
  ca = ["--ca", clinic.write("ca.pem", authority.ca)];
  clinic.write("notes.txt", "The authority is in ca.pem.");
});

function days(from: number, to: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() + from * dayMs), notAfter: new Date(Date.now() + to * dayMs) };
}

function start(tls: NonNullable<DoctorServerOptions["tls"]>, shop: Shop = named): ReturnType<typeof startDoctorServer> {
  return startDoctorServer(shop, { tls, health });
}

/** Nothing but connections: a client that refuses a server sends it nothing. */
const nothing: readonly string[] = [];

describe("talaria doctor, over TLS", () => {
  test("shows protocol, cipher, certificate and the identity that the contract declares", async () => {
    const tls = await authority.issue(
      [
        { type: "url", value: spiffe },
        { type: "dns", value: "orders" },
      ],
      days(-1, 40),
    );
    await using server = await start(tls, sharded);
    const args = [...clinic.image(sharded), ...ca, "--identity", "shard=7", server.address];
    const result = await clinic.doctor(args);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(lineOf(result, "tls")).toBe("✓ the certificate expires in 39 d; TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2");
    expect(result.stdout).toContain(`subject CN=test; URI:${spiffe}, DNS:orders\n`);
    expect(result.stdout).toContain("issuer CN=Talaria test authority\n");
    expect(lineOf(result, "identity")).toBe(`✓ ${spiffe}, as the contract declares`);
    expect(lineOf(result, "health")).toMatch(/^✓ shop\.v1\.Orders SERVING/);
    const json = JSON.parse((await clinic.doctor(["--format", "json", ...args])).stdout);
    expect(json.checks[2]).toMatchObject({
      step: "tls",
      verdict: "ok",
      data: { alpn: "h2", expiresInDays: 39, trusted: true, names: [`URI:${spiffe}`, "DNS:orders"] },
    });
  });

  test("asks an address for the name that the contract declares", async () => {
    await using server = await start(await authority.issue([{ type: "dns", value: "orders.shop.test" }], days(-1, 40)));
    const { stdout } = await clinic.doctor([...clinic.image(named), ...ca, "--format", "json", server.address]);
    expect(JSON.parse(stdout).checks[2].data.serverName).toBe("orders.shop.test");
  });

  test("warns of a certificate that expires within 14 days", async () => {
    await using server = await start(
      await authority.issue([{ type: "dns", value: "orders.shop.test" }], days(-1, 13.5)),
    );
    const result = await clinic.doctor([...clinic.image(named), ...ca, server.address]);
    expect([result.code, lineOf(result, "tls")]).toEqual([
      0,
      expect.stringMatching(/^! the certificate expires in 13 d;/),
    ]);
  });

  test("names an expired certificate, and goes no further", async () => {
    await using server = await start(
      await authority.issue([{ type: "dns", value: "orders.shop.test" }], days(-30, -2.5)),
    );
    const result = await clinic.doctor([...clinic.image(named), ...ca, server.address]);
    expect([result.code, lineOf(result, "tls"), lineOf(result, "http2")]).toEqual([
      1,
      expect.stringMatching(/^✗ the certificate expired 2 d ago;/),
      "- a client would leave here, and so does the doctor",
    ]);
    expect(server.calls).toEqual(nothing);
  });

  test("names a certificate of another authority", async () => {
    const other = await createTestAuthority("Another authority");
    await using server = await start(await other.issue([{ type: "dns", value: "orders.shop.test" }], days(-1, 40)));
    const result = await clinic.doctor([...clinic.image(named), ...ca, server.address]);
    expect([result.code, lineOf(result, "tls")]).toEqual([
      1,
      expect.stringMatching(
        /^✗ .* not trusted: its issuer is unknown; \S+ does not hold its authority, .*\(UNABLE_TO_/,
      ),
    ]);
    const unnamed = await clinic.doctor([...clinic.image(named), server.address]);
    expect(lineOf(unnamed, "tls")).toMatch(/its issuer is unknown; pass --ca FILE, or /);
    expect(result.stdout).toContain("issuer CN=Another authority\n");
    expect(server.calls).toEqual(nothing);
  });

  test("names the identity that was found and the one that was wanted", async () => {
    await using server = await start(await authority.issue([{ type: "dns", value: "mail.shop.test" }], days(-1, 40)));
    const result = await clinic.doctor([...clinic.image(named), ...ca, server.address]);
    expect([result.code, lineOf(result, "tls").slice(0, 1), lineOf(result, "identity")]).toEqual([
      1,
      "✓",
      "✗ server identity mismatch: wanted orders.shop.test, the certificate says mail.shop.test (wanted as the contract declares)",
    ]);
    expect(server.calls).toEqual(nothing);
    const asked = await clinic.doctor([...ca, "--server-name", "mail.shop.test", server.address]);
    expect([asked.code, lineOf(asked, "identity")]).toEqual([0, "✓ mail.shop.test, as --server-name says"]);
    const byTarget = await clinic.doctor([...ca, server.address]);
    expect([byTarget.code, lineOf(byTarget, "identity")]).toEqual([
      1,
      expect.stringContaining("the name in the target"),
    ]);
  });

  test("wants a certificate where the server does", async () => {
    const tls = await authority.issue([{ type: "ip", value: "127.0.0.1" }], days(-1, 40));
    const own = await authority.issue([{ type: "dns", value: "client" }], days(-1, 40));
    await using server = await start({ ...tls, clientCa: authority.ca }, mutual);
    const without = await clinic.doctor([...clinic.image(mutual), ...ca, server.address]);
    expect(without.code).toBe(1);
    expect(lineOf(without, "tls")).toMatch(/^! /);
    expect(without.stdout).toContain("the contract demands MUTUAL_TLS, and no --cert and --key were given\n");
    expect(lineOf(without, "http2")).toMatch(/^✗ the server demands a certificate of its client/);
    expect(without.stdout).toContain("Pass the client's certificate: --cert FILE --key FILE.\n");
    const keys = ["--cert", clinic.write("cert.pem", own.cert), "--key", clinic.write("key.pem", own.key)];
    const withKeys = await clinic.doctor([...clinic.image(mutual), ...ca, ...keys, server.address]);
    expect([withKeys.code, lineOf(withKeys, "health")]).toEqual([0, expect.stringContaining("SERVING")]);
  });

  test("tells a server without TLS from one with it", async () => {
    await using plain = await startDoctorServer(named);
    const wrong = await clinic.doctor([...ca, plain.address]);
    expect([wrong.code, lineOf(wrong, "tls")]).toEqual([
      1,
      expect.stringMatching(/^✗ the server does not speak TLS on this port/),
    ]);
    expect(wrong.stdout).toContain("If it is meant to be without, pass --plaintext.\n");
    await using secure = await start(await authority.issue([{ type: "dns", value: "orders.shop.test" }]));
    const other = await clinic.doctor([...clinic.image(named), "--plaintext", secure.address]);
    expect([other.code, lineOf(other, "tls")]).toEqual([1, "! no TLS: --plaintext, although the contract demands TLS"]);
    expect(lineOf(other, "http2")).toMatch(/^✗ /);
    expect(other.stdout).toContain("try without --plaintext.\n");
  });
});

describe("talaria doctor, told something impossible", () => {
  test.each<[string, readonly string[], string]>([
    ["no target", [], "talaria doctor needs one target"],
    ["two targets", ["a:1", "b:1"], "talaria doctor needs one target"],
    [
      "a target that grpc-js alone knows",
      ["unix:orders.sock"],
      "talaria doctor cannot resolve unix:orders.sock: it knows dns:///",
    ],
    ["a target that is none", ["dns:///a b:1"], 'the target "dns:///a b:1" cannot be used'],
    ["a time that is none", ["--timeout-ms", "soon", "a:1"], '--timeout-ms is "soon", and has to be a whole number'],
    ["half a certificate", ["--cert", "x.pem", "a:1"], "--cert and --key go together"],
    ["TLS without TLS", ["--plaintext", "--ca", "ca.pem", "a:1"], "--plaintext and --ca contradict each other"],
    ["an authority that is not there", ["--ca", "gone.pem", "a:1"], "the TLS material is unusable: ENOENT"],
    ["an authority that is no certificate", ["--ca", "notes.txt", "a:1"], "the TLS material is unusable: ca holds no"],
    ["two contracts", ["--proto", ".", "--image", "x", "a:1"], "talaria doctor reads either --proto or --image"],
    ["a probe without a contract", ["--keepalive-probe", "5", "a:1"], "--keepalive-probe pings as often as a contract"],
  ])("%s: says what to write instead", async (_, args, message) => {
    const { code, stdout, stderr } = await clinic.doctor(args);
    const expected = message.startsWith("talaria ") ? message : `talaria: ${message}`;
    expect([code, stdout, stderr.slice(0, expected.length)]).toEqual([2, "", expected]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("an identity with a placeholder: names what is missing", async () => {
    const { code, stderr } = await clinic.doctor([...clinic.image(sharded), "a:1"]);
    expect([code, stderr]).toEqual([
      2,
      'talaria: The contract wants the server identity "spiffe://shop.test/orders-{shard}": pass --identity shard=VALUE for {shard}.\n',
    ]);
  });

  test("a service that does not exist, and none where there are several", async () => {
    const [option = "", image = ""] = clinic.image(named);
    const unknown = await clinic.doctor([option, image, "--service", "shop.v1.Order", "a:1"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("Did you mean shop.v1.Orders?")]);
    const alone = await clinic.doctor([option, image, "--timeout-ms", "500", "--plaintext", "127.0.0.1:1"]);
    expect(alone.stdout.split("\n")[0]).toBe("127.0.0.1:1  shop.v1.Orders  shop.proto");
  });
});
