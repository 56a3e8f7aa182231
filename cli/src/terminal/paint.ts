// SPDX-License-Identifier: Apache-2.0
import { styleText } from "node:util";
import type { Surroundings } from "../command.ts";

/** Writes text in a style, or plainly. */
export type Paint = (style: Style, text: string) => string;

/** The styles in use. */
export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** Colours for a terminal whose user has not said `NO_COLOR` (https://no-color.org), plain text for everything else. */
export function paintFor({ outputIsTerminal, env }: Surroundings): Paint {
  const plain = !outputIsTerminal || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return plain ? (_, text) => text : (style, text) => styleText(style, text, { validateStream: false });
}
