// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getComments } from "@bufbuild/protoplugin";

/** Puts paragraphs together as the text of a doc comment, without those that are empty. */
export function paragraphs(...parts: readonly string[]): string {
  let text = "";
  for (const part of parts) {
    const trimmed = part.trimEnd();
    text += trimmed === "" ? "" : `${text === "" ? "" : "\n\n"}${trimmed}`;
  }
  return text;
}

/** Writes text as a doc comment, with a line break after it. Nothing in the text can end the comment. */
export function docComment(text: string, indentation = ""): string {
  let body = "";
  for (const line of withLineFeeds(text).replaceAll("*/", "*\\/").split("\n")) {
    body += line === "" ? `${indentation} *\n` : `${indentation} * ${line}\n`;
  }
  return `${indentation}/**\n${body}${indentation} */\n`;
}

/** Makes line feeds of all that ECMAScript takes for a line break. */
function withLineFeeds(text: string): string {
  return /[\r\u2028\u2029]/.test(text) ? text.replace(/\r\n|[\r\u2028\u2029]/g, "\n") : text;
}

/** A bulleted list. */
export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/**
 * What the author of the `.proto` wrote about an element, without the space that follows `//`, and without what is written
 * to buf alone.
 */
export function commentOf(element: DescService | DescMethod): string {
  const { leading = "", trailing = "" } = getComments(element);
  return withLineFeeds(paragraphs(leading, trailing))
    .replace(/^ ?buf:lint:ignore .*\n?|^ /gm, "")
    .trimEnd();
}

/** The tags at the end of a doc comment: where the code comes from, and whether it is deprecated. */
export function tagsOf(element: DescService | DescMethod): string {
  return `@generated from ${element.toString()}${element.deprecated ? "\n@deprecated" : ""}`;
}
