// SPDX-License-Identifier: Apache-2.0

/** The page of a rule, taken apart. */
export interface RulePage {
  readonly title: string;
  /** The first paragraph. */
  readonly purpose: string;
  /** What follows `**Why.**`. */
  readonly why: string;
  /** Text by heading, in order. */
  readonly sections: ReadonlyMap<string, string>;
  /** The `proto` blocks under "Bad": one, or the text before and the text after a change. */
  readonly bad: readonly string[];
  /** The same under "Good". */
  readonly good: readonly string[];
  /** What the `yaml` block under "Options" sets, each value written as JSON. It holds for both examples. */
  readonly options: Record<string, string | number | string[]>;
}

/** Takes the page of a rule apart. What is missing is empty. For tests. */
export function parse(text: string): RulePage {
  const [head = "", ...parts] = text.split(/^## /m);
  const sections = new Map(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), `${part.slice(end).trim()}\n`];
    }),
  );
  const [title = "", purpose = "", ...why] = head.trim().split("\n\n");
  return {
    title: title.replace(/^# /, ""),
    purpose: purpose.replaceAll("\n", " "),
    why: why.join("\n\n").replace(/^\*\*Why\.\*\* /, ""),
    sections,
    bad: blocksOf(sections.get("Bad"), "proto"),
    good: blocksOf(sections.get("Good"), "proto"),
    options: parseOptions(blocksOf(sections.get("Options"), "yaml").join("")),
  };
}

function blocksOf(section: string | undefined, language: string): string[] {
  return [...(section ?? "").matchAll(/```(\w+)\n(.*?)```/gs)]
    .filter(([, found]) => found === language)
    .map(([, , block = ""]) => block);
}

function parseOptions(yaml: string): RulePage["options"] {
  const lines = [...yaml.matchAll(/^ {6}(\w+): (.+)$/gm)];
  return Object.fromEntries(lines.map(([, key = "", value = ""]) => [key, JSON.parse(value)]));
}
