// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Metadata } from "@grpc/grpc-js";

/** What a server reports of its load with a response (ORCA, gRFC A51), as far as weights go by it. */
export interface LoadReport {
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  /** What the application says, or else the processor's; 1 is all that it has. */
  readonly utilization: number;
}

const header = "endpoint-load-metrics-bin";

/** The fields of `xds.data.orca.v3.OrcaLoadReport`. */
const cpuUtilization = 1;
const rpsFractional = 6;
const eps = 7;
const applicationUtilization = 9;

/**
 * The report in the trailers of a call, if there is one that can be read. The reader of grpc-js 1.14 loads the definition of the
 * message from disk for every report, which takes longer than most calls.
 */
export function loadReportIn(trailers: Metadata): LoadReport | undefined {
  const [bytes] = trailers.get(header);
  if (!(bytes instanceof Uint8Array)) {
    return undefined;
  }
  try {
    return decodeLoadReport(bytes);
  } catch {
    return undefined;
  }
}

function decodeLoadReport(bytes: Uint8Array): LoadReport {
  const doubles = new Map<number, number>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType === WireType.Bit64) {
      doubles.set(field, reader.double());
    } else {
      reader.skip(wireType, field);
    }
  }
  // A server that divides by 0 reports NaN or Infinity.
  const positive = (field: number): number => {
    const value = doubles.get(field) ?? 0;
    return Number.isFinite(value) ? Math.max(0, value) : 0;
  };
  return {
    callsPerSecond: positive(rpsFractional),
    errorsPerSecond: positive(eps),
    utilization: positive(applicationUtilization) || positive(cpuUtilization),
  };
}
