// SPDX-License-Identifier: Apache-2.0

/** A vector that says something the runner does not understand. */
export class VectorError extends Error {
  override readonly name = "VectorError";
}

/**
 * A JSON object that remembers what was read of it, so that {@link end} can name what was not: a vector must not say
 * anything that is silently ignored.
 */
export class Fields {
  readonly where: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #unread: Set<string>;
  readonly #children: Fields[] = [];

  constructor(json: unknown, where: string) {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new VectorError(`${where} must be an object`);
    }
    this.where = where;
    this.#values = json as Record<string, unknown>;
    this.#unread = new Set(Object.keys(json));
  }

  get names(): readonly string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** The value of a field, whatever it is. */
  any(name: string): unknown {
    this.#unread.delete(name);
    return this.#values[name];
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#fail(name, "must be a number");
  }

  optionalNumber(name: string): number | undefined {
    const value = this.any(name) ?? undefined;
    return value === undefined || typeof value === "number" ? value : this.#fail(name, "must be a number");
  }

  string(name: string): string {
    const value = this.any(name);
    return typeof value === "string" ? value : this.#fail(name, "must be a string");
  }

  boolean(name: string): boolean {
    const value = this.any(name);
    return typeof value === "boolean" ? value : this.#fail(name, "must be true or false");
  }

  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read.call(this, name) : undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.any(name);
    return Array.isArray(value) ? value : this.#fail(name, "must be a list");
  }

  numbers(name: string): readonly number[] {
    return this.list(name).map((item) => (typeof item === "number" ? item : this.#fail(name, "must hold numbers")));
  }

  strings(name: string): readonly string[] {
    return this.list(name).map((item) => (typeof item === "string" ? item : this.#fail(name, "must hold strings")));
  }

  object(name: string): Fields {
    return this.#child(this.any(name), `${this.where}.${name}`);
  }

  objects(name: string): readonly Fields[] {
    return this.list(name).map((item, index) => this.#child(item, `${this.where}.${name}[${index}]`));
  }

  /** Says that nothing more is read. Throws when a field, here or below, was not. */
  end(): void {
    const [name] = this.#unread;
    if (name !== undefined) throw new VectorError(`${this.where}.${name} is not a field this kind of vector has`);
    for (const child of this.#children) child.end();
  }

  #child(json: unknown, where: string): Fields {
    const child = new Fields(json, where);
    this.#children.push(child);
    return child;
  }

  #fail(name: string, what: string): never {
    throw new VectorError(`${this.where}.${name} ${what}`);
  }
}
