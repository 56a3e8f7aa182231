// SPDX-License-Identifier: Apache-2.0
import { createFileRegistry, type DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { compileDescriptors, compileProtos } from "../../test/support/compile.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { inspectService } from "./inspect-service.ts";

const files = {
  "shop/orders/v1/orders.proto": `syntax = "proto3";
package shop.orders.v1;

import "google/protobuf/descriptor.proto";
import "service_client_config.proto";

extend google.protobuf.ServiceOptions {
  string owner = 50001;
}

message M {}

service First {
  option (service_client.client_config).response_timeout_millis = 800;
  option (service_client.client_config).retry.max_attempts = 2;
  option (service_client.client_config).required_headers = "x-tenant-id";
  option (service_client.client_config).required_headers = "x-region";
  option (owner) = "orders";
  rpc Get(M) returns (M);
  rpc Put(M) returns (M) {
    option deprecated = true;
    option (service_client.method_config) = {
      response_timeout_millis: 300
      retry: { retryable_status_codes: [
        ABORTED,
        UNAVAILABLE
      ] }
    };
  }
}

service Second {
  option deprecated = true;
  option (service_client.client_config) = {
    circuit_breaker {}
    load_balancing {
      outlier_detection { interval_millis: 5000 }
    }
  };
  rpc constructor(M) returns (M) { option (service_client.method_config).response_timeout_millis = 1; }
  rpc __proto__(M) returns (M) { option (service_client.method_config).response_timeout_millis = 2; }
  rpc then(M) returns (M) { option (service_client.method_config).response_timeout_millis = 3; }
}

service Silent {
  option (owner) = "nobody";
  rpc Get(M) returns (M);
}

service WithoutMethods {
  option (service_client.client_config) = {};
}
`,
  "legacy.proto": `syntax = "proto2";
import "service_client_config.proto";
message M {}
service Legacy {
  option (service_client.client_config) = { response_timeout_millis: 5 };
  rpc Get(M) returns (M);
}
`,
  "modern.proto": `edition = "2023";
package modern;
import "service_client_config.proto";
message M {}
service Modern {
  option (service_client.client_config) = { response_timeout_millis: 6 };
  rpc Get(M) returns (M);
}
`,
};

const registry = compileProtos(files);

function service(name: string): DescService {
  const found = registry.getService(name);
  if (found === undefined) {
    throw new Error(`no service ${name}`);
  }
  return found;
}

const first = inspectService(service("shop.orders.v1.First"));
const second = inspectService(service("shop.orders.v1.Second"));
const [get, put] = service("shop.orders.v1.First").methods;

describe("inspectService()", () => {
  test("lists every value that the .proto sets, with its line", () => {
    const listed = first.declared.map(({ option, method, value, location }) => [
      `${location.file}:${location.line}:${location.column}`,
      method?.name,
      option,
      value,
    ]);
    const file = "shop/orders/v1/orders.proto";
    expect(listed).toEqual([
      [`${file}:14:3`, undefined, "response_timeout_millis", 800],
      [`${file}:15:3`, undefined, "retry.max_attempts", 2],
      [`${file}:16:3`, undefined, "required_headers", ["x-tenant-id", "x-region"]],
      [`${file}:23:7`, "Put", "response_timeout_millis", 300],
      [`${file}:24:16`, "Put", "retry.retryable_status_codes", ["ABORTED", "UNAVAILABLE"]],
    ]);
  });

  test("says which level set a value", () => {
    expect(first.originOf("response_timeout_millis", get)).toMatchObject({ setBy: "service", location: { line: 14 } });
    expect(first.originOf("response_timeout_millis", put)).toMatchObject({ setBy: "method", location: { line: 23 } });
    expect(first.originOf("retry.max_attempts", put)).toMatchObject({ setBy: "service", location: { line: 15 } });
    expect(first.originOf("retry.max_backoff_millis", put)).toEqual({ setBy: "default" });
    expect(first.originOf("hedging", get)).toEqual({ setBy: "default" });
    expect(first.originOf("no_such_option", put)).toEqual({ setBy: "default" });
  });

  test("says where a group begins", () => {
    expect(first.originOf("retry", get)).toMatchObject({
      setBy: "service",
      location: { sourcePath: [6, 0, 3, 999_999, 2], line: 15, column: 3 },
    });
    expect(first.originOf("retry", put)).toMatchObject({ setBy: "method", location: { line: 24, column: 16 } });
    expect(second.originOf("load_balancing")).toMatchObject({ setBy: "service", location: { line: 37, column: 27 } });
    // The compiler records nothing of a block that is empty: it is where the annotation begins.
    expect(second.originOf("circuit_breaker")).toMatchObject({ setBy: "service", location: { line: 34 } });
  });

  test("takes rpc names for what they are", () => {
    const { methods } = second.contract;
    expect(methods.map(({ name, responseTimeoutMs }) => [name, responseTimeoutMs])).toEqual([
      ["constructor", 1],
      ["__proto__", 2],
      ["then", 3],
    ]);
    expect(second.originOf("response_timeout_millis", service("shop.orders.v1.Second").methods[1])).toMatchObject({
      setBy: "method",
      location: { line: 41 },
    });
  });

  test("tells a silent service from one that says nothing in particular", () => {
    const silent = inspectService(service("shop.orders.v1.Silent"));
    expect(silent).toMatchObject({ annotated: false, declared: [], diagnostics: [] });
    const empty = inspectService(service("shop.orders.v1.WithoutMethods"));
    expect(empty).toMatchObject({ annotated: true, declared: [], diagnostics: [], contract: { methods: [] } });
  });

  test("reads users of every syntax", () => {
    expect(inspectService(service("Legacy")).contract.methods[0]?.responseTimeoutMs).toBe(5);
    expect(inspectService(service("modern.Modern")).contract.methods[0]?.responseTimeoutMs).toBe(6);
  });

  test("writes diagnostics as editors read them, in the order of the lines", () => {
    const text = files["shop/orders/v1/orders.proto"]
      .replace("response_timeout_millis: 300", "response_timeout_millis: -300")
      .replace("max_attempts = 2", "max_attempts = 20");
    const broken = compileProtos({ "orders.proto": text }).getService("shop.orders.v1.First");
    const lines = broken && inspectService(broken).diagnostics.map(formatDiagnostic);
    expect(lines?.map((line) => line.slice(0, line.indexOf(" is ")))).toEqual([
      "orders.proto:15:3: retry.max_attempts",
      "orders.proto:23:7: response_timeout_millis",
    ]);
  });

  test("asks a given locator, and only for what is used", () => {
    const asked: string[] = [];
    const inspection = inspectService(service("shop.orders.v1.First"), {
      locate: (file, path) => {
        asked.push(`${file.name} ${path.join()}`);
        return { line: 7, column: 8 };
      },
    });
    expect(asked).toEqual([]);
    expect(inspection.originOf("retry.max_attempts", get).location).toMatchObject({ line: 7, column: 8 });
    expect(asked).toEqual(["shop/orders/v1/orders 6,0,3,999999,2,1"]);
  });
});

describe("locateInSourceInfo()", () => {
  /** The file as a compiler would hand it on that records only these paths. */
  function recordedOnly(keep: (path: string) => boolean): DescService {
    const set = compileDescriptors(files);
    for (const file of set.file) {
      const info = file.sourceCodeInfo;
      if (info !== undefined) {
        info.location = info.location.filter(({ path }) => keep(path.join()));
      }
    }
    const found = createFileRegistry(set).getService("shop.orders.v1.First");
    if (found === undefined) {
      throw new Error("no service");
    }
    return found;
  }
  const lineOf = (desc: DescService, option: string): (number | undefined)[] => {
    const { originOf } = inspectService(desc);
    return [originOf(option).location?.line, originOf(option, desc.methods[1]).location?.line];
  };

  test("takes the whole option where its parts are not recorded", () => {
    const desc = recordedOnly((path) => !/^6,0,2,1,4,999999,/.test(path));
    expect(lineOf(desc, "response_timeout_millis")).toEqual([14, 22]);
  });

  test("takes the element where its options are not recorded", () => {
    const desc = recordedOnly((path) => !path.includes("999999") && !/^6,0,(2,1,4|3)$/.test(path));
    expect(lineOf(desc, "response_timeout_millis")).toEqual([13, 20]);
  });

  test("knows no lines where nothing is recorded", () => {
    const desc = recordedOnly(() => false);
    expect(lineOf(desc, "response_timeout_millis")).toEqual([undefined, undefined]);
    expect(inspectService(desc).declared[0]?.location).toEqual({
      file: "shop/orders/v1/orders.proto",
      sourcePath: [6, 0, 3, 999_999, 1],
    });
  });
});
