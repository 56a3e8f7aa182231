// SPDX-License-Identifier: Apache-2.0
// Looks for leaks: node --expose-gc --conditions=talaria-source test/leaks/run.ts [SCRIPTED CALLS] [GRPC CALLS]
import { makeGrpcCalls, openLongStream, openMoodyEcho } from "./grpc-calls.ts";
import { ScriptedCalls } from "./scripted-calls.ts";
import { type Growth, watchGrowth } from "./watch-growth.ts";

/** What the heap of a process that leaks nothing may differ by from one look to the next. */
const noiseBytes = 2 * 1024 * 1024;

function report(
  what: string,
  count: number,
  { heapBytes, resources }: Growth,
  left: Readonly<Record<string, number>>,
): void {
  const figures = { ...left, ...resources };
  const more = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(
    `${what}, ${count}: heap ${(heapBytes / 1024).toFixed(0)} KiB more${more.map((figure) => `, ${figure}`).join("")}`,
  );
  if (heapBytes > noiseBytes || Object.values(figures).some((figure) => figure > 0)) {
    console.log(`${what}: LEAK`);
    process.exitCode = 1;
  }
}

const [scriptedCount = 1_000_000, grpcCount = 50_000] = process.argv.slice(2).map(Number);

const scripted = new ScriptedCalls();
const growth = await watchGrowth((count) => scripted.make(count), scriptedCount);
const { calls, ...left } = scripted.left;
report("calls over the scripted wire", calls, growth, { ...left });

{
  await using echo = await openMoodyEcho();
  let listeners = 0;
  const grown = await watchGrowth(async (count) => {
    listeners += await makeGrpcCalls(echo, count);
    // What was cancelled at the end ends at the server too.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }, grpcCount);
  report("calls over grpc-js", grpcCount, grown, { listeners });
}

{
  // What a stream has sent must not stay: it may be open for days.
  await using echo = await openMoodyEcho();
  const stream = openLongStream(echo);
  const grown = await watchGrowth((count) => stream.exchange(count), grpcCount * 4);
  await stream.close();
  report("messages of one stream", grpcCount * 4, grown, {});
}
