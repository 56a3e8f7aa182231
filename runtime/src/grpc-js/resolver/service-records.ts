// SPDX-License-Identifier: Apache-2.0

/** An SRV record; see RFC 2782. */
export interface ServiceRecord {
  /** The host. */
  readonly name: string;
  readonly port: number;
  /** Lower comes first; the next is for when nothing of it is there. */
  readonly priority: number;
  /** The share of calls among those of one priority. */
  readonly weight: number;
}

/** SRV records by priority, first come first. */
export function byPriority(records: readonly ServiceRecord[]): readonly (readonly ServiceRecord[])[] {
  const groups = new Map<number, ServiceRecord[]>();
  for (const record of records) {
    const group = groups.get(record.priority) ?? [];
    group.push(record);
    groups.set(record.priority, group);
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** More repetitions would cost more than the finer shares are worth. */
const mostRepetitions = 10;

/**
 * Repeats each item by its weight, spread evenly, so that going round the list gives each its share. Shares are rounded to at most
 * 1:10. An item of weight 0 beside others with weight is left out, as RFC 2782 wants it hardly ever chosen.
 */
export function repeatByWeight<T>(items: readonly { readonly item: T; readonly weight: number }[]): readonly T[] {
  const least = Math.min(...items.map(({ weight }) => weight).filter((weight) => weight > 0));
  if (!Number.isFinite(least)) {
    return items.map(({ item }) => item);
  }
  const most = Math.max(...items.map(({ weight }) => weight));
  const unit = Math.max(least, most / mostRepetitions);
  return items
    .flatMap(({ item, weight }) => {
      const times = weight === 0 ? 0 : Math.max(1, Math.round(weight / unit));
      return Array.from({ length: times }, (_, index) => ({ item, position: (index + 0.5) / times }));
    })
    .sort((a, b) => a.position - b.position)
    .map(({ item }) => item);
}
