// SPDX-License-Identifier: Apache-2.0

import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import { annotationNumber } from "./read-options.ts";

/**
 * Finds a place of a file by its path in the descriptor. Line and column count from 1; undefined when the file carries
 * no source information.
 */
export type Locate = (file: DescFile, sourcePath: readonly number[]) => { line: number; column: number } | undefined;

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Index {
  /** What the compiler has recorded, by path. */
  readonly recorded: ReadonlyMap<string, Place>;
  /** Where the first thing recorded inside an annotation, or inside a part of it, is. */
  readonly inside: ReadonlyMap<string, Place>;
}

const indices = new WeakMap<DescFile, Index>();

/**
 * Finds a place in the source information that the file itself carries. Compilers record different places for the same
 * option, some only the innermost values, some only the whole: a place that is not recorded is taken to be where the
 * first thing inside it is, or else where the nearest recorded thing around it begins.
 */
export const locateInSourceInfo: Locate = (file, sourcePath) => {
  const { recorded, inside } = indexOf(file);
  const path = sourcePath.join();
  const found = recorded.get(path) ?? inside.get(path);
  for (let length = sourcePath.length - 1; found === undefined && length > 0; length--) {
    const around = recorded.get(sourcePath.slice(0, length).join());
    if (around !== undefined) {
      return around;
    }
  }
  return found;
};

function indexOf(file: DescFile): Index {
  let index = indices.get(file);
  if (index === undefined) {
    index = buildIndex(file);
    indices.set(file, index);
  }
  return index;
}

function buildIndex(file: DescFile): Index {
  const recorded = new Map<string, Place>();
  const inside = new Map<string, Place>();
  for (const { path, span } of file.proto.sourceCodeInfo?.location ?? []) {
    const [line, column] = span;
    if (line === undefined || column === undefined) {
      continue;
    }
    const place = { line: line + 1, column: column + 1 };
    keepFirst(recorded, path.join(), place);
    const annotation = path.indexOf(annotationNumber);
    for (let length = annotation + 1; annotation > 0 && length < path.length; length++) {
      keepFirst(inside, path.slice(0, length).join(), place);
    }
  }
  return { recorded, inside };
}

function keepFirst(places: Map<string, Place>, key: string, place: Place): void {
  const known = places.get(key);
  const isFirst =
    known === undefined || place.line < known.line || (place.line === known.line && place.column < known.column);
  if (isFirst) {
    places.set(key, place);
  }
}

/** Where services stand in their file, and methods in their service. */
const positions = new WeakMap<DescService | DescMethod, number>();

/** The path of a service in its file's descriptor. */
export function servicePath(service: DescService): readonly number[] {
  return [6, positionOf(service, service.file.services)];
}

/** The path of a method in its file's descriptor. */
export function methodPath(method: DescMethod): readonly number[] {
  return [...servicePath(method.parent), 2, positionOf(method, method.parent.methods)];
}

function positionOf<D extends DescService | DescMethod>(desc: D, siblings: readonly D[]): number {
  if (!positions.has(desc)) {
    siblings.forEach((sibling, position) => {
      positions.set(sibling, position);
    });
  }
  return positions.get(desc) ?? 0;
}
