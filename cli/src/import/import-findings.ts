// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { placeOf } from "../format-place.ts";
import type { ConfigFile } from "../read-config-file.ts";
import type { ImportFinding, Note } from "./import-finding.ts";
import type { Conflict } from "./plan-service.ts";

/** The findings about one config. */
export interface Findings {
  /** Takes down notes that concern these methods. */
  readonly addAll: (notes: readonly Note[], methods: readonly string[]) => void;
  /** Takes down that an annotation is in the way. */
  readonly addConflict: (conflict: Conflict, service: DescService) => void;
  /** In the order of the config's lines. */
  readonly list: () => readonly ImportFinding[];
}

/** Gathers the findings about one config; what concerns several methods is one finding. */
export function createFindings({ path: file, placeOf: placeIn }: ConfigFile): Findings {
  const found = new Map<string, Note & { methods: string[] }>();
  const addAll = (notes: readonly Note[], methods: readonly string[]): void => {
    for (const note of notes) {
      const key = `${note.code} ${note.path} ${note.message}`;
      const known = found.get(key);
      if (known === undefined) {
        found.set(key, { ...note, methods: [...methods] });
      } else {
        known.methods.push(...methods);
      }
    }
  };
  return {
    addAll,
    addConflict({ method, missing, extra }, service) {
      const element = method ?? service;
      const wanted = [...missing].map(
        ([name, value]) => `${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : value}`,
      );
      const unwanted = extra.map((name) => `no ${name}`);
      const message = `The annotation at ${placeOf(element)} says something else: the config has ${[...wanted, ...unwanted].join(", ")}.`;
      const done = "The annotation is left as it is. Change it, or remove it and import again.";
      const note: Note = { code: "already-annotated", severity: "error", path: "", message, done };
      addAll([note], method === undefined ? service.methods.map(nameOf) : [nameOf(method)]);
    },
    list: () =>
      [...found.values()]
        .map((note) => ({ ...note, file, ...(note.path === "" ? {} : placeIn(note.path)) }))
        .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  };
}

/** `service/method`. */
export function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
