// SPDX-License-Identifier: Apache-2.0

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the values of a JSON text stand, by paths like `rules[0].service`; and where it ends to be JSON, if it does. */
export interface LocatedJson {
  placeOf(path: string): Place | undefined;
  readonly brokenAt: Place | undefined;
}

/** Finds where each value of a JSON text stands: a member at its name, an element at its value. */
export function locateJson(text: string): LocatedJson {
  const scanner = new Scanner(text);
  const whole = scanner.scan();
  const place = (offset: number): Place => {
    const before = text.slice(0, offset).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  return {
    placeOf(path) {
      const offset = scanner.offsets.get(path);
      return offset === undefined ? undefined : place(offset);
    },
    brokenAt: whole ? undefined : place(scanner.at),
  };
}

const blank = /\s*/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

/** Overrides are three values deep. What is much deeper is none, and would exceed the stack. */
const mostNested = 100;

class Scanner {
  readonly offsets: Map<string, number> = new Map();
  at = 0;
  readonly #text: string;
  #nested = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the text is JSON as a whole; if not, `at` is where it breaks. */
  scan(): boolean {
    const whole = this.#value("");
    this.#take(blank);
    return whole && this.at === this.#text.length;
  }

  #value(path: string): boolean {
    this.#take(blank);
    if (!this.offsets.has(path)) {
      this.offsets.set(path, this.at);
    }
    switch (this.#text[this.at]) {
      case "{":
        return this.#list("}", () => this.#member(path));
      case "[": {
        let index = 0;
        return this.#list("]", () => this.#value(`${path}[${index++}]`));
      }
      default:
        return this.#take(string) !== undefined || this.#take(scalar) !== undefined;
    }
  }

  #list(close: string, item: () => boolean): boolean {
    if (this.#nested === mostNested) {
      return false;
    }
    this.at += 1;
    if (this.#skip(close)) {
      return true;
    }
    this.#nested += 1;
    do {
      if (!item()) {
        return false;
      }
    } while (this.#skip(","));
    this.#nested -= 1;
    return this.#skip(close);
  }

  #member(path: string): boolean {
    this.#take(blank);
    const start = this.at;
    const name = this.#take(string);
    if (name === undefined) {
      return false;
    }
    const key: string = JSON.parse(name);
    const member = path === "" ? key : `${path}.${key}`;
    this.offsets.set(member, start);
    return this.#skip(":") && this.#value(member);
  }

  #skip(sign: string): boolean {
    this.#take(blank);
    const found = this.#text[this.at] === sign;
    this.at += found ? 1 : 0;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
