// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getComments } from "@bufbuild/protoplugin";

/** Puts paragraphs together as the text of a doc comment, without those that are empty. */
export function paragraphs(...parts: readonly string[]): string {
  return parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n\n")
    .replace(/\r\n|[\r\u2028\u2029]/g, "\n");
}

/** Writes text as a doc comment, with a line break after it. Nothing in the text can end the comment. */
export function docComment(text: string, indentation = ""): string {
  const lines = text.replaceAll("*/", "*\\/").split("\n");
  const body = lines.map((line) => (line === "" ? `${indentation} *\n` : `${indentation} * ${line}\n`)).join("");
  return `${indentation}/**\n${body}${indentation} */\n`;
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
  return paragraphs(leading, trailing)
    .replace(/^ /gm, "")
    .replace(/^buf:lint:ignore .*\n?/gm, "")
    .trimEnd();
}

/** The tags at the end of a doc comment: where the code comes from, and whether it is deprecated. */
export function tagsOf(element: DescService | DescMethod): string {
  return `@generated from ${element.toString()}${element.deprecated ? "\n@deprecated" : ""}`;
}
