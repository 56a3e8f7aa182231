// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Finding, type Verdict, worstOf } from "./check.ts";
import type { DoctorPlan } from "./doctor-plan.ts";
import { callOnce, type GrpcPeer, notFound } from "./grpc-call.ts";
import { tokenHint } from "./read-token.ts";

const service = "/grpc.health.v1.Health";

/** The method that reports each change: a call that stays open without touching the application. */
export const healthWatchPath: string = `${service}/Watch`;

const statusNames = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** What the server says of one name. */
interface Status {
  readonly service: string;
  /** A health status, or the gRPC status of a call that failed. */
  readonly status: string;
  readonly statusMessage: string;
  readonly verdict: Verdict;
  readonly says: string;
}

/** Asks for the health of the service, of the name that the contract watches, and of the server as a whole. */
export async function checkHealth(plan: DoctorPlan, peer: GrpcPeer): Promise<Finding> {
  const { service: name, expected } = plan;
  const watched = expected?.contract.healthCheck?.serviceName;
  const names = [...new Set([name, watched, ""].filter((each) => each !== undefined))];
  const startedMs = performance.now();
  const statuses: Status[] = [];
  for (const each of names) {
    statuses.push(await ask(peer, each));
  }
  const elapsedMs = performance.now() - startedMs;
  const data = { statuses: statuses.map(({ service: asked, status }) => ({ service: asked, status })) };
  if (statuses.every(({ status }) => status === "UNIMPLEMENTED")) {
    if (statuses.every(({ statusMessage }) => statusMessage === notFound)) {
      const message = `${notFound}: the server has no grpc.health.v1, or knows no gRPC at all`;
      return { verdict: "warning", message, elapsedMs, data };
    }
    const needed =
      watched === undefined ? "" : "; the contract watches it, and a client then takes the server for healthy";
    const message = `UNIMPLEMENTED: the server has no grpc.health.v1${needed}`;
    return { verdict: watched === undefined ? "skipped" : "warning", message, elapsedMs, data };
  }
  return {
    verdict: worstOf(statuses.map(({ verdict }) => verdict)),
    message: statuses.map(({ says }) => says).join(", "),
    details: tokenHint(
      statuses.map(({ status }) => status),
      plan,
    ),
    elapsedMs,
    data,
  };
}

async function ask(peer: GrpcPeer, name: string): Promise<Status> {
  const { status, statusMessage, message } = await callOnce(peer, `${service}/Check`, encodeHealthRequest(name));
  const who = name === "" ? "the server as a whole" : name;
  if (status !== "OK") {
    const why = statusMessage === "" ? "" : `: ${statusMessage}`;
    return { service: name, status, statusMessage, verdict: "warning", says: `${who} ${status}${why}` };
  }
  const health = statusNames[decodeStatus(message ?? new Uint8Array())] ?? "UNKNOWN";
  const verdict = health === "SERVING" ? "ok" : "problem";
  return { service: name, status: health, statusMessage, verdict, says: `${who} ${health}` };
}

/** A `grpc.health.v1.HealthCheckRequest`. */
export function encodeHealthRequest(name: string): Uint8Array {
  return name === "" ? new Uint8Array() : new BinaryWriter().tag(1, WireType.LengthDelimited).string(name).finish();
}

/** The status in a `grpc.health.v1.HealthCheckResponse`. */
function decodeStatus(bytes: Uint8Array): number {
  const reader = new BinaryReader(bytes);
  let status = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.Varint) {
      status = reader.int32();
    } else {
      reader.skip(wireType, field);
    }
  }
  return status;
}
