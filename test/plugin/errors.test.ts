// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createWorkspace } from "./support.ts";

const orders = `syntax = "proto3";
package shop;
import "service_client_config.proto";
service Orders {
  option (service_client.client_config).response_timeout_millis = -800;
  option (service_client.client_config).retry.max_attempts = 7;
  rpc Get(Order) returns (Order) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      response_timeout_millis: 100
      retry: {max_attempts: 2, per_attempt_timeout_millis: 200}
    };
  }
  rpc Watch(Order) returns (stream Order) {
    option (service_client.method_config).stream_idle_timeout_millis = -1;
  }
}
message Order {}
`;

const silent = `syntax = "proto3";
package shop.deep;
import "service_client_config.proto";
service Silent {
  rpc Get(Nothing) returns (Nothing) {
    option (service_client.method_config).response_timeout_millis = 5;
  }
}
message Nothing {}
`;

describe("buf generate with contracts that are wrong", () => {
  test("reports every error of every file at once, by place, and writes nothing", () => {
    using workspace = createWorkspace({ "shop/orders.proto": orders, "shop/deep/silent.proto": silent });
    const { status, stderr, files } = workspace.generate();
    expect(status).not.toBe(0);
    expect(files).toEqual({});
    const places = stderr.match(/^\S+\.proto:\d+:\d+(?=: )/gm);
    expect(places).toEqual([
      "proto/shop/deep/silent.proto:6:5",
      "proto/shop/orders.proto:5:3",
      "proto/shop/orders.proto:6:3",
      expect.stringMatching(/^proto\/shop\/orders\.proto:(9|10|11):/),
      "proto/shop/orders.proto:15:5",
    ]);
    expect(stderr).toContain("the contracts have 5 errors:\n");
    expect(stderr).toContain("response_timeout_millis is -800 ms");
    expect(stderr).toContain("retry.max_attempts is 7 attempts");
    expect(stderr).toContain("stream_idle_timeout_millis is -1 ms");
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test("writes nothing either when the error is in the last of many files", () => {
    const right = (name: string) => `syntax = "proto3";
package ${name};
import "service_client_config.proto";
service Right {
  option (service_client.client_config).response_timeout_millis = 5;
}
`;
    const names = Array.from({ length: 30 }, (_, index) => `right${index}`);
    const protos = Object.fromEntries(names.map((name) => [`${name}/right.proto`, right(name)]));
    using workspace = createWorkspace({ ...protos, "z.proto": orders });
    const { status, stderr, files } = workspace.generate({ alone: true });
    expect(status).not.toBe(0);
    expect(stderr).toContain("z.proto:5:3: response_timeout_millis is -800 ms");
    expect(files).toEqual({});
  });

  test("reports a code that does not exist where buf finds it", () => {
    const text = orders.replace("retry.max_attempts = 7", "retry.retryable_status_codes = FLAKY");
    using workspace = createWorkspace({ "orders.proto": text });
    const { status, stderr, files } = workspace.generate();
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/orders\.proto:6:\d+:.*FLAKY/);
    expect(files).toEqual({});
  });

  test("refuses two service configs of one name, unless they are named in full", () => {
    const service = (name: string) => `syntax = "proto3";
package ${name};
import "service_client_config.proto";
service Orders {
  option (service_client.client_config).response_timeout_millis = 800;
}
`;
    using workspace = createWorkspace({ "one.proto": service("one"), "two.proto": service("two") });
    const refused = workspace.generate({ alone: true });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain(
      "two.proto:4:1: The service config of two.Orders would replace that of one.Orders",
    );
    const { files } = workspace.generate({ alone: true, talariaOpt: ["service_config_name=full"] });
    expect(Object.keys(files)).toEqual([
      "one.Orders.grpc_service_config.json",
      "one_client.ts",
      "two.Orders.grpc_service_config.json",
      "two_client.ts",
    ]);
  });

  test("names the options there are when one is unknown", () => {
    using workspace = createWorkspace({ "orders.proto": orders });
    const { status, stderr } = workspace.generate({ alone: true, talariaOpt: ["service_config=full"] });
    expect(status).not.toBe(0);
    expect(stderr).toContain("there is no option service_config. Options are target, ");
  });

  test("tells about services without a contract, and goes on", () => {
    const text = silent.replace(/^.*method_config.*\n/m, "");
    using workspace = createWorkspace({ "silent.proto": text });
    const { status, stderr, files } = workspace.generate({ alone: true });
    expect({ status, files }).toEqual({ status: 0, files: {} });
    expect(stderr).toContain("no client for shop.deep.Silent: without (service_client.client_config)");
  });
});
