// SPDX-License-Identifier: Apache-2.0
import type { PageValue } from "./contract-page.ts";

/**
 * Says who set a value, and where: `method, orders.proto:8`, or `method, in the annotation at orders.proto:7` where only
 * that is known. `writePlace` writes the place in another way, such as a code span.
 */
export function saySetBy(
  { setBy, line, annotationLine }: PageValue,
  file: string,
  writePlace: (place: string) => string = (place) => place,
): string {
  if (annotationLine !== undefined) {
    return `${setBy}, in the annotation at ${writePlace(`${file}:${annotationLine}`)}`;
  }
  return line === undefined ? setBy : `${setBy}, ${writePlace(`${file}:${line}`)}`;
}
