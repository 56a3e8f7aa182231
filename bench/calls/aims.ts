// SPDX-License-Identifier: Apache-2.0
import type { Costs } from "./contest.ts";
import { ratioOf } from "./costs.ts";

/** How little a call is to cost, against another client's. */
interface Aim {
  readonly client: string;
  readonly against: string;
  readonly atMost: number;
}

const guarded = "talaria, all policies on";

const aims: readonly Aim[] = [
  { client: guarded, against: "grpc-js stub", atMost: 0.95 },
  { client: guarded, against: "raw node:http2", atMost: 2.5 },
  { client: guarded, against: "connect-node", atMost: 0.35 },
  { client: "talaria, everything, 1 of 100 traced", against: guarded, atMost: 1.15 },
  { client: "talaria, API without an SDK", against: guarded, atMost: 1.01 },
];

/** Says of each aim whether it is held, at each concurrency. */
export function describeAims(costs: ReadonlyMap<number, Costs>): string {
  const lines = [
    row(
      "aim",
      [...costs.keys()].map((concurrency) => `${concurrency} in flight`),
    ),
  ];
  for (const { client, against, atMost } of aims) {
    const cells = [...costs.values()].map((each) => describeCell(ratioOf(each, client, against), atMost));
    if (cells.some((cell) => cell !== "")) {
      lines.push(row(`${client} <= ${atMost} of ${against}`, cells));
    }
  }
  return [...lines, ...describeFloor(costs)].join("\n");
}

/** What nobody can go below: HTTP/2 alone. */
function describeFloor(costs: ReadonlyMap<number, Costs>): string[] {
  return [...costs].flatMap(([concurrency, each]) => {
    const floor = ratioOf(each, "raw node:http2", "connect-node");
    return floor === undefined || floor <= 0.35
      ? []
      : [
          `${concurrency} in flight, node:http2 alone costs ${floor.toFixed(2)} of connect-node: no client can hold 0.35 there`,
        ];
  });
}

function describeCell(ratio: number | undefined, atMost: number): string {
  return ratio === undefined ? "" : `${ratio.toFixed(2)} ${ratio <= atMost ? "held" : "MISSED"}`;
}

function row(first: string, cells: readonly string[]): string {
  return first.padEnd(76) + cells.map((cell) => cell.padStart(15)).join("");
}
