// SPDX-License-Identifier: Apache-2.0

/** What grew in the second half of the work. */
export interface Growth {
  /** After a forced collection. */
  readonly heapBytes: number;
  /** Timers, sockets and the like that keep the process alive, by type. */
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * Does work in two halves, and says what grew in the second: the first fills caches and pools that stay.
 *
 * @throws Error without `--expose-gc`: garbage would be taken for growth.
 */
export async function watchGrowth(work: (count: number) => Promise<void>, count: number): Promise<Growth> {
  await work(Math.ceil(count / 2));
  const before = await look();
  await work(Math.floor(count / 2));
  const after = await look();
  const types = new Set([...Object.keys(before.resources), ...Object.keys(after.resources)]);
  const grown = [...types].map((type) => [type, (after.resources[type] ?? 0) - (before.resources[type] ?? 0)] as const);
  return {
    heapBytes: after.heapBytes - before.heapBytes,
    resources: Object.fromEntries(grown.filter(([, more]) => more > 0)),
  };
}

async function look(): Promise<Growth> {
  const { gc } = globalThis;
  if (gc === undefined) {
    throw new Error("run with --expose-gc");
  }
  for (let i = 0; i < 4; i++) {
    // What waits for a finalizer, as an abort signal may, goes one collection later.
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) {
    resources[type] = (resources[type] ?? 0) + 1;
  }
  return { heapBytes: heapUsed + arrayBuffers, resources };
}
