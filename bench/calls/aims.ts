// SPDX-License-Identifier: Apache-2.0
import { withoutOpenTelemetry } from "./clients.ts";
import type { Costs } from "./contest.ts";
import { ratioOf } from "./costs.ts";
import { leastClient } from "./least.ts";
import { leastOnGrpcJs } from "./least-on-grpc-js.ts";

/** How little a call is to cost, against another client's. */
interface Aim {
  readonly client: string;
  readonly against: string;
  readonly atMost: number;
}

/** What nobody can go below, and what it says that an aim of its client cannot be held. */
interface Floor extends Aim {
  readonly what: string;
}

const guarded = "talaria, all policies on";
const everything = "talaria, everything, 1 of 100 traced";

const aims: readonly Aim[] = [
  { client: guarded, against: "grpc-js stub", atMost: 0.95 },
  { client: guarded, against: "raw node:http2", atMost: 2.5 },
  { client: guarded, against: "connect-node", atMost: 0.35 },
  { client: everything, against: guarded, atMost: 1.15 },
  { client: withoutOpenTelemetry, against: guarded, atMost: 1.01 },
  { client: "talaria, API without an SDK", against: guarded, atMost: 1.01 },
];

const floors: readonly Floor[] = [
  { client: leastClient, against: "connect-node", atMost: 0.35, what: "no client on node:http2 can hold" },
  {
    client: leastOnGrpcJs,
    against: "connect-node",
    atMost: 0.35,
    what: "no client on connections of grpc-js can hold",
  },
  {
    client: "talaria, by hand: everything, 1 of 100 traced",
    against: guarded,
    atMost: 1.15,
    what: "the SDK's share alone is more than",
  },
];

/** Whether a client is one that the aims speak of, or that is compared with it: by default only those are measured. */
export function inAims(name: string): boolean {
  return !name.startsWith("talaria, ") || [...aims, ...floors].some(({ client }) => client === name);
}

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
  return [...lines, ...describeFloors(costs)].join("\n");
}

function describeFloors(costs: ReadonlyMap<number, Costs>): string[] {
  return floors.flatMap(({ client, against, atMost, what }) =>
    [...costs].flatMap(([concurrency, each]) => {
      const floor = ratioOf(each, client, against);
      return floor === undefined || floor <= atMost
        ? []
        : [`${concurrency} in flight, ${client} costs ${floor.toFixed(2)} of ${against}: ${what} ${atMost}`];
    }),
  );
}

function describeCell(ratio: number | undefined, atMost: number): string {
  return ratio === undefined ? "" : `${ratio.toFixed(2)} ${ratio <= atMost ? "held" : "MISSED"}`;
}

function row(first: string, cells: readonly string[]): string {
  return first.padEnd(76) + cells.map((cell) => cell.padStart(15)).join("");
}
