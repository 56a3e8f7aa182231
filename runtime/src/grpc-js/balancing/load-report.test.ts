// SPDX-License-Identifier: Apache-2.0
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { loadReportIn } from "./load-report.ts";

function trailersWith(report: Uint8Array): Metadata {
  const trailers = new Metadata();
  trailers.set("endpoint-load-metrics-bin", Buffer.from(report));
  return trailers;
}

function report(doubles: Readonly<Record<number, number>>): Uint8Array {
  const writer = new BinaryWriter();
  // A map entry, as `utilization` has them, to be skipped.
  writer.tag(5, WireType.LengthDelimited).bytes(new Uint8Array([1, 2, 3]));
  for (const [field, value] of Object.entries(doubles)) {
    writer.tag(Number(field), WireType.Bit64).double(value);
  }
  return writer.finish();
}

describe("loadReportIn()", () => {
  test("reads calls and errors a second, and how busy the application is", () => {
    expect(loadReportIn(trailersWith(report({ 1: 0.9, 6: 120.5, 7: 2, 9: 0.25 })))).toEqual({
      callsPerSecond: 120.5,
      errorsPerSecond: 2,
      utilization: 0.25,
    });
  });

  test("goes by the processor where the application says nothing", () => {
    expect(loadReportIn(trailersWith(report({ 1: 0.9, 6: 10 })))).toEqual({
      callsPerSecond: 10,
      errorsPerSecond: 0,
      utilization: 0.9,
    });
  });

  test("takes what is no number, or below 0, for not reported", () => {
    expect(loadReportIn(trailersWith(report({ 1: 0.9, 6: Number.NaN, 7: -1, 9: Number.POSITIVE_INFINITY })))).toEqual({
      callsPerSecond: 0,
      errorsPerSecond: 0,
      utilization: 0.9,
    });
  });

  test("finds none where there is none, or none that can be read", () => {
    expect(loadReportIn(new Metadata())).toBeUndefined();
    expect(loadReportIn(trailersWith(new Uint8Array([0x31, 1, 2])))).toBeUndefined();
  });
});
