// SPDX-License-Identifier: Apache-2.0

/** Text from elsewhere, such as an audience in a .proto, cannot steer the terminal. The escapes of colours stay. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go.
  return text.replace(/(?!\u001b\[\d+m)[\u0000-\u001f\u007f-\u009f]/g, " ");
}

/** The same for text that has no colours yet: a server's certificate or message cannot bring its own. */
export function plainLine(text: string): string {
  return oneLine(text.replaceAll("\u001b", " "));
}
