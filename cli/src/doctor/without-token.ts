// SPDX-License-Identifier: Apache-2.0
import type { Check } from "./check.ts";

const replacement = "[token]";

/** A check that never shows the token, even where a server repeats it in what it says. */
export function withoutToken(check: Check, token: string | undefined): Check {
  if (token === undefined) {
    return check;
  }
  const { message, details, data, ...rest } = check;
  return { ...rest, message: replaceIn(message, token), ...hideIn({ details, data }, token) };
}

function replaceIn(text: string, token: string): string {
  return text.replaceAll(token, replacement);
}

function hideIn<T>(value: T, token: string): T {
  return JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === "string" ? replaceIn(inner, token) : inner)));
}
