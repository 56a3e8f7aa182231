// SPDX-License-Identifier: Apache-2.0
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { annotation, buildService } from "../../test/contract/build-service.ts";
import { optionBytes } from "../../test/contract/option-bytes.ts";
import { ServiceClientConfigSchema } from "./gen/service_client_config_pb.ts";
import { inspectService } from "./inspect-service.ts";
import { serviceOptions } from "./option-schema.ts";
import { type DeclaredOptions, type ReadProblem, readOptions } from "./read-options.ts";

function read(bytes: Uint8Array): { declared: DeclaredOptions | undefined; problems: ReadProblem[] } {
  const problems: ReadProblem[] = [];
  return { declared: readOptions(annotation(bytes), serviceOptions, problems), problems };
}

/** What a general decoder makes of the same bytes. */
function asDecoded(message: ReflectMessage): DeclaredOptions {
  const declared: DeclaredOptions = new Map();
  for (const field of message.fields) {
    if (!message.isSet(field)) {
      continue;
    }
    const nameOf = (value: unknown): string => field.enum?.value[Number(value)]?.name ?? String(value);
    if (field.fieldKind === "message") {
      declared.set(field.name, asDecoded(message.get(field)));
    } else if (field.fieldKind === "list") {
      declared.set(field.name, [...message.get(field)].map(nameOf));
    } else {
      const value = message.get(field);
      declared.set(
        field.name,
        field.enum ? nameOf(value) : typeof value === "bigint" ? Number(value) : (value as string),
      );
    }
  }
  return declared;
}

const writer = (): BinaryWriter => new BinaryWriter();
const config = (init: Parameters<typeof create<typeof ServiceClientConfigSchema>>[1]): Uint8Array =>
  toBinary(ServiceClientConfigSchema, create(ServiceClientConfigSchema, init));

describe("readOptions()", () => {
  test("reads whatever a protobuf library writes", () => {
    fc.assert(
      fc.property(optionBytes(ServiceClientConfigSchema), (bytes) => {
        const { declared, problems } = read(bytes);
        const decoded = fromBinary(ServiceClientConfigSchema, bytes);
        expect(problems).toEqual([]);
        expect(declared).toEqual(asDecoded(reflect(ServiceClientConfigSchema, decoded)));
      }),
      { seed: 1 },
    );
  });

  test("either reads damaged bytes like a protobuf library or reports them", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(optionBytes(ServiceClientConfigSchema), damage, fc.nat(), (whole, flips, cut) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of flips) {
          bytes[at % bytes.length] = value;
        }
        const damaged = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
        const { declared, problems } = read(damaged);
        if (problems.length === 0) {
          const decoded = fromBinary(ServiceClientConfigSchema, damaged);
          expect(declared).toEqual(asDecoded(reflect(ServiceClientConfigSchema, decoded)));
        }
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  test("never lets an inspection throw, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), (service, method) => {
        const inspection = inspectService(buildService(service, [{ name: "Get", config: method }]));
        expect(inspection.annotated).toBe(true);
        expect(inspection.declared).toBeInstanceOf(Array);
        expect(inspection.contract.methods).toHaveLength(1);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("reports every way to cut a message short", () => {
    const whole = config({ responseTimeoutMillis: 800n, retry: { maxAttempts: 2, retryableStatusCodes: [14] } });
    const boundaries = [0, 3, whole.length];
    for (let length = 0; length <= whole.length; length++) {
      const found = read(whole.subarray(0, length)).problems.map(({ code }) => code);
      expect(found).toEqual(boundaries.includes(length) ? [] : ["malformed-option"]);
    }
  });

  test("keeps what it can read beside what it cannot", () => {
    const retry = writer().tag(1, WireType.Varint).int32(2).tag(2, WireType.Varint).raw(Uint8Array.of(0xff)).finish();
    const bytes = writer().tag(2, WireType.LengthDelimited).bytes(retry).tag(1, WireType.Varint).int64(800).finish();
    const { declared, problems } = read(bytes);
    expect(declared).toEqual(
      new Map<string, unknown>([
        ["retry", new Map([["max_attempts", 2]])],
        ["response_timeout_millis", 800],
      ]),
    );
    expect(problems).toMatchObject([{ code: "malformed-option", option: "retry", path: [2] }]);
  });

  const wrongTypes: [string, Uint8Array, string, number[]][] = [
    [
      "a number as a text",
      writer().tag(1, WireType.LengthDelimited).string("800").finish(),
      "response_timeout_millis",
      [1],
    ],
    ["a message as a number", writer().tag(2, WireType.Varint).int32(3).finish(), "retry", [2]],
    ["a list of texts as a number", writer().tag(16, WireType.Varint).int32(3).finish(), "required_headers", [16]],
    ["a message as a group", Uint8Array.of(0x13, 0x08, 0x02, 0x14), "retry", [2]],
    [
      "a count that needs 64 bits",
      writer()
        .tag(8, WireType.Varint)
        .int64(2 ** 40)
        .finish(),
      "max_concurrent_requests",
      [8],
    ],
    [
      "a text that is not UTF-8",
      writer().tag(16, WireType.LengthDelimited).bytes(Uint8Array.of(0xff)).finish(),
      "",
      [],
    ],
    ["the end of a group that never began", Uint8Array.of(0x0c), "", []],
    ["field 0", Uint8Array.of(0x00, 0x00), "", []],
    ["a tag of more than 32 bits", Uint8Array.of(0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01), "", []],
    ["groups without end", new Uint8Array(200).fill(0x9b), "", []],
    // A list of one byte, which says that another follows: that one belongs to the next field.
    [
      "a packed list that ends within a value",
      Uint8Array.of(0x12, 0x06, 0x2a, 0x01, 0x8e, 0x00, 0x08, 0x03),
      "retry",
      [2],
    ],
  ];
  test.each(wrongTypes)("reports %s", (_, bytes, option, path) => {
    expect(read(bytes).problems).toMatchObject([{ code: "malformed-option", option, path }]);
  });

  test("reports an annotation that is not a message", () => {
    const problems: ReadProblem[] = [];
    const field = { no: 999_999, wireType: WireType.Varint, data: Uint8Array.of(1) };
    expect(readOptions([field], serviceOptions, problems)).toEqual(new Map());
    expect(problems).toMatchObject([{ code: "malformed-option", option: "", path: [] }]);
  });

  test("reports fields and values of a later version, instead of ignoring them", () => {
    const breaker = writer().tag(99, WireType.Varint).int32(1).tag(2, WireType.Varint).int32(7).finish();
    const bytes = writer().tag(3, WireType.LengthDelimited).bytes(breaker).tag(19, WireType.Varint).int32(1).finish();
    const { declared, problems } = read(bytes);
    expect(declared).toEqual(new Map([["circuit_breaker", new Map()]]));
    expect(problems).toMatchObject([
      { code: "unknown-option", option: "circuit_breaker", path: [3, 99] },
      { code: "unknown-option", option: "circuit_breaker.scope", path: [3, 2] },
      { code: "unknown-option", option: "", path: [19] },
    ]);
    expect(problems[1]?.message).toContain("has the value 7, which this version does not know");
  });

  test("reports a service's setting on a method", () => {
    const bytes = writer().tag(10, WireType.LengthDelimited).bytes(new Uint8Array()).finish();
    const { diagnostics } = inspectService(buildService(undefined, [{ name: "Get", config: bytes }]));
    expect(diagnostics).toMatchObject([{ code: "unknown-option", severity: "error", element: "test.Service.Get" }]);
    expect(diagnostics[0]?.message).toContain("Field 10 of service_client.MethodClientConfig");
  });

  test("leaves an organisation's additions alone", () => {
    const bytes = writer().tag(1000, WireType.Varint).int32(1).tag(536_870_911, WireType.Bit32).fixed32(1).finish();
    expect(read(bytes)).toEqual({ declared: new Map(), problems: [] });
  });

  test("leaves other options of the service alone", () => {
    const field = { no: 50_001, wireType: WireType.LengthDelimited, data: Uint8Array.of(200) };
    const problems: ReadProblem[] = [];
    expect(readOptions([field], serviceOptions, problems)).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test("merges a message that comes in pieces, and takes the last of several values", () => {
    const pieces = [
      config({ responseTimeoutMillis: 1n, retry: { maxAttempts: 2 }, requiredHeaders: ["a"] }),
      config({ responseTimeoutMillis: 2n, retry: { maxBackoffMillis: 5n }, requiredHeaders: ["b"] }),
    ];
    const problems: ReadProblem[] = [];
    expect(readOptions(pieces.flatMap(annotation), serviceOptions, problems)).toEqual(
      new Map<string, unknown>([
        ["response_timeout_millis", 2],
        [
          "retry",
          new Map([
            ["max_attempts", 2],
            ["max_backoff_millis", 5],
          ]),
        ],
        ["required_headers", ["a", "b"]],
      ]),
    );
    expect(problems).toEqual([]);
  });

  test("reads a list of numbers packed or one by one", () => {
    const loose = writer().tag(5, WireType.Varint).int32(14).tag(5, WireType.Varint).int32(10).finish();
    const packed = writer().tag(5, WireType.LengthDelimited).bytes(Uint8Array.of(14, 10)).finish();
    for (const retry of [loose, packed]) {
      const bytes = writer().tag(2, WireType.LengthDelimited).bytes(retry).finish();
      const codes = new Map([["retryable_status_codes", ["UNAVAILABLE", "ABORTED"]]]);
      expect(read(bytes)).toEqual({ declared: new Map([["retry", codes]]), problems: [] });
    }
  });
});
