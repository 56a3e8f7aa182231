// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { cachedToken } from "./cached.ts";

function source(lastsMs = 1000) {
  let nowMs = 0;
  const asked: (string | undefined)[] = [];
  const failing = { next: false };
  const provider = cachedToken(
    async ({ audience }) => {
      asked.push(audience);
      if (failing.next) {
        failing.next = false;
        throw new Error("the identity provider is away");
      }
      return { token: `${audience}-${asked.length}`, expiresAtMs: nowMs + lastsMs };
    },
    { refreshBeforeMs: 200, now: () => nowMs },
  );
  const token = (audience = "a"): Promise<string> => Promise.resolve(provider.token({ audience, service: "x.Y" }));
  return { token, asked, failing, pass: (ms: number) => (nowMs += ms) };
}

describe("cachedToken()", () => {
  test("fetches once for many calls at once, and per audience", async () => {
    const { token, asked } = source();
    expect(await Promise.all([token(), token(), token("b"), token()])).toEqual(["a-1", "a-1", "b-2", "a-1"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("refreshes in the background before the end, and goes on with the old one meanwhile", async () => {
    const { token, asked, pass } = source();
    await token();
    pass(799);
    expect(await token()).toBe("a-1");
    expect(asked).toHaveLength(1);
    pass(1);
    expect(await token()).toBe("a-1");
    await new Promise(setImmediate);
    expect(await token()).toBe("a-2");
  });

  test("keeps the tokens of two services apart when no audience joins them", async () => {
    const provider = cachedToken(async ({ service }) => ({
      token: `for-${service}`,
      expiresAtMs: Date.now() + 60_000,
    }));
    expect(await provider.token({ audience: undefined, service: "a.A" })).toBe("for-a.A");
    expect(await provider.token({ audience: undefined, service: "b.B" })).toBe("for-b.B");
  });

  test("waits for a new one when the old one has expired", async () => {
    const { token, pass } = source();
    await token();
    pass(1000);
    expect(await token()).toBe("a-2");
  });

  test("hides a failed refresh while the old one lasts, and shows it afterwards", async () => {
    const { token, asked, failing, pass } = source();
    await token();
    pass(850);
    failing.next = true;
    expect(await token()).toBe("a-1");
    expect(asked).toHaveLength(2);
    await new Promise(setImmediate);
    pass(150);
    failing.next = true;
    await expect(token()).rejects.toThrow("away");
    expect(await token()).toBe("a-4");
  });

  test("lets a second pass after a failed refresh, however many calls there are", async () => {
    const { token, asked, failing, pass } = source(20_000);
    await token();
    pass(19_800);
    for (let calls = 0; calls < 5; calls++) {
      failing.next = true;
      expect(await token()).toBe("a-1");
      await new Promise(setImmediate);
    }
    expect(asked).toHaveLength(2);
  });

  test.each([
    ["missing", undefined, "undefined"],
    ["a text, which may be the token", "secret", "a string"],
    ["in seconds", 1_800_000_000, "1800000000"],
  ])("refuses a token whose end is %s, and says so", async (_, expiresAtMs, given) => {
    const provider = cachedToken(async () => ({ token: "secret", expiresAtMs: expiresAtMs as number }));
    const failure = await Promise.resolve(provider.token({ audience: "a", service: "x.Y" })).catch(String);
    expect(failure).toContain(`must be in milliseconds since 1970, as Date.now() is, and is ${given}`);
    expect(failure).not.toContain("secret");
  });
});
