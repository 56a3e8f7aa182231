// SPDX-License-Identifier: Apache-2.0
import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";

/**
 * Finds a place of a file by its path in the descriptor. Line and column count from 1; undefined when the file carries
 * no source information.
 */
export type Locate = (file: DescFile, sourcePath: readonly number[]) => { line: number; column: number } | undefined;

type Index = ReadonlyMap<string, { line: number; column: number }>;

const indices = new WeakMap<DescFile, Index>();

/**
 * Finds a place in the source information that the file itself carries. Compilers record different places for the same
 * option, so a place that is not recorded is taken to be where its first list element is, or else where the nearest
 * recorded place around it begins.
 */
export const locateInSourceInfo: Locate = (file, sourcePath) => {
  const index = indexOf(file);
  const found = index.get([...sourcePath, 0].join());
  for (let length = sourcePath.length; length > 0; length--) {
    const place = index.get(sourcePath.slice(0, length).join());
    if (place !== undefined) {
      return length === sourcePath.length ? place : (found ?? place);
    }
  }
  return undefined;
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
  const index = new Map<string, { line: number; column: number }>();
  for (const { path, span } of file.proto.sourceCodeInfo?.location ?? []) {
    const [line, column] = span;
    const key = path.join();
    if (line !== undefined && column !== undefined && !index.has(key)) {
      index.set(key, { line: line + 1, column: column + 1 });
    }
  }
  return index;
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
