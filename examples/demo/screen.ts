// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";

/** How a text is meant. */
export type Tone = "heading" | "good" | "bad" | "warning" | "quiet";

/** Where the demo is shown: on a terminal with colours and lines that move, elsewhere as a plain log. */
export interface Screen {
  /** Writes lines. */
  print(...lines: readonly string[]): void;
  /** Gives a text the colour of its meaning, if there are colours. */
  tint(tone: Tone, text: string): string;
  /**
   * Shows lines that change while work goes on. They stay as they are when it ends. A log shows these last ones only.
   *
   * @param paint The lines as of now; on a terminal they are asked for ten times a second.
   */
  watch<T>(work: Promise<T>, paint: () => readonly string[] | Promise<readonly string[]>): Promise<T>;
}

const styles = { heading: "bold", good: "green", bad: "red", warning: "yellow", quiet: "gray" } as const;
const frameMs = 100;

/** Opens a screen on a stream such as `process.stdout`. */
export function createScreen(stream: NodeJS.WriteStream): Screen {
  const terminal = stream.isTTY === true && process.env.TERM !== "dumb";
  const coloured = terminal && !process.env.NO_COLOR;
  const print = (...lines: readonly string[]): void => {
    for (const line of lines) {
      stream.write(`${line}\n`);
    }
  };
  return {
    print,
    tint: (tone, text) => (coloured ? styleText(styles[tone], text, { validateStream: false }) : text),
    // A line that is longer than the terminal is wide takes two, and moving up over it would go wrong.
    watch: terminal && stream.columns >= 80 ? (work, paint) => animate(stream, work, paint) : printAtEnd,
  };

  async function printAtEnd<T>(work: Promise<T>, paint: () => readonly string[] | Promise<readonly string[]>) {
    const result = await work;
    print(...(await paint()));
    return result;
  }
}

async function animate<T>(
  stream: NodeJS.WriteStream,
  work: Promise<T>,
  paint: () => readonly string[] | Promise<readonly string[]>,
): Promise<T> {
  let working = true;
  const end = work.finally(() => {
    working = false;
  });
  for (let height = 0, last = false; !last; ) {
    last = !working;
    const lines = await paint();
    stream.write(height === 0 ? "" : `\x1b[${height}A`);
    stream.write(lines.map((line) => `\x1b[2K${line}\n`).join(""));
    height = lines.length;
    await Promise.race([sleep(last ? 0 : frameMs), end.catch(() => undefined)]);
  }
  return end;
}

/** A horizontal bar, `width` characters long when `value` is `max`. */
export function bar(value: number, max: number, width: number): string {
  return "█".repeat(Math.round((Math.min(value, max) / Math.max(max, 1)) * width));
}

/** How numbers went up and down, a character for each. */
export function sparkline(values: readonly number[]): string {
  const steps = " ▁▂▃▄▅▆▇█";
  const max = Math.max(1, ...values);
  return values.map((value) => steps[Math.ceil((value / max) * (steps.length - 1))]).join("");
}
